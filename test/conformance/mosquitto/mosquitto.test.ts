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

it('Mosquitto fails the cases that are listed as its differences, and no others', { skip }, async (context) => {
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
  const count = (wanted: string): number => results.filter(({ outcome }) => outcome === wanted).length
  assert.ok(count('passed') > count('failed'))
  context.diagnostic(`${count('passed')} cases pass, ${count('failed')} differ, ${count('skipped')} need a Hawser`)
  for (const { cases, difference } of mosquittoDifferences) {
    context.diagnostic(`${difference}: ${cases.join('; ')}`)
  }
})
