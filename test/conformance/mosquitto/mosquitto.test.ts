/** The suite is no mirror of Hawser: on Mosquitto it fails where Mosquitto differs, and nowhere else. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { missing } from '../../support/programs.ts'
import type { CaseResult } from '../run-suite.ts'
import { suiteProcess } from '../suite-process.ts'
import { mosquittoDifferences } from './differences.ts'
import { startMosquitto } from './mosquitto-process.ts'

const skip = missing('mosquitto', 'apt-get install mosquitto')
/** A case that waits in vain fails after this long. */
const patienceMs = 10_000

const listed = mosquittoDifferences.map(({ version, id }) => `${version} [${id}]`)

it('Mosquitto fails the cases that are listed as its differences, and no others', { skip }, async () => {
  await using mosquitto = await startMosquitto()
  const { target, webSocketTarget } = mosquitto
  const results = await suiteProcess({ target, webSocketTarget, patienceMs })
  const failed = results.filter(({ outcome }) => outcome === 'failed')
  const isListed = ({ title }: CaseResult): boolean => listed.some((key) => title.includes(key))
  assert.deepEqual(
    failed.filter((result) => !isListed(result)),
    [],
    'differences that are not listed',
  )
  assert.deepEqual(
    listed.filter((key) => !failed.some(({ title }) => title.includes(key))),
    [],
    'listed differences that are none',
  )
  assert.ok(results.some(({ outcome }) => outcome === 'passed'))
})
