/** The suite is no mirror of Hawser: on Mosquitto it fails where Mosquitto differs, and nowhere else. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { missing } from '../../support/programs.ts'
import { suiteProcess } from '../suite-process.ts'
import { mosquittoDifferences } from './differences.ts'
import { startMosquitto } from './mosquitto-process.ts'

const skip = missing('mosquitto', 'apt-get install mosquitto')
/** A case that waits in vain fails after this long. */
const patienceMs = 10_000

const listed = mosquittoDifferences.flatMap(({ cases }) => cases)

it('Mosquitto fails the cases that are listed as its differences, and no others', { skip }, async () => {
  await using mosquitto = await startMosquitto()
  const { target, webSocketTarget } = mosquitto
  const results = await suiteProcess({ target, webSocketTarget, patienceMs })
  const failed = results.filter(({ outcome }) => outcome === 'failed')
  assert.deepEqual(
    failed.filter(({ title }) => !listed.includes(title)),
    [],
    'differences that are not listed',
  )
  assert.deepEqual(
    listed.filter((listed) => !failed.some(({ title }) => title === listed)),
    [],
    'listed differences that are none',
  )
  assert.ok(results.some(({ outcome }) => outcome === 'passed'))
})
