/** MQTT 3.1.1, section 4.8: handling errors. */
import assert from 'node:assert/strict'
import { mqtt } from '../peer/bytes.ts'
import { publish, subscribe } from '../peer/shorthand.ts'
import { faultyV311 } from '../scenarios/faulty.ts'
import { eachCloses, payloads } from '../scenarios/support.ts'
import { conformance } from '../suite.ts'

conformance('v3.1.1', '4.8 handling errors', (test) => {
  for (const packet of faultyV311) {
    test(`v3.1.1 [MQTT-4.8.0-1] ends the connection: ${packet.toString('hex')}`, (stage) => eachCloses(stage, [packet]))
  }

  test('v3.1.1 [MQTT-4.8.0-1] the violation of one client publishes its will and harms no other', async (stage) => {
    const { name, connect } = stage
    const [subscriber, publisher] = [await connect(), await connect()]
    await subscribe(subscriber, `${name}/#`)
    const bad = await connect({ will: { topic: `${name}/will`, payload: 'will' } })
    bad.send(mqtt`36 __ "a" 0001 00`)
    await bad.closes()
    await publish(publisher, `${name}/a`, 'alive')
    assert.deepEqual(payloads(await subscriber.publishes()).sort(), ['alive', 'will'])
  })
})
