/** MQTT 5.0, sections 4.1, 4.2, 4.4 and 4.5: session state, transport, delivery retry and receipt. */
import assert from 'node:assert/strict'
import { mqtt, u16 } from '../peer/bytes.ts'
import { publish, subscribe } from '../peer/shorthand.ts'
import { resentOnResume } from '../scenarios/qos-out.ts'
import { everyMatchingSession, orderedStream, sessionLastsWithConnection } from '../scenarios/session.ts'
import { durable, payloads, receive } from '../scenarios/support.ts'
import { conformance, ownClock } from '../suite.ts'

conformance('v5', '4.1 to 4.5', (test) => {
  test('v5 [MQTT-4.1.0-1] session state stays while the connection is open', ownClock(), sessionLastsWithConnection)

  test(
    'v5 [MQTT-4.1.0-2] the session ends once its expiry is over',
    ownClock(),
    async ({ name, connect, passSeconds }) => {
      const session = { clientId: name, clean: false, sessionExpirySeconds: 60 }
      const first = await connect(session)
      await subscribe(first, name, 1)
      await first.leave()
      await passSeconds(55)
      const kept = await connect(session)
      assert.equal(kept.connack?.sessionPresent, true)
      await kept.leave()
      await passSeconds(62)
      const [fresh, publisher] = [await connect(session), await connect()]
      assert.equal(fresh.connack?.sessionPresent, false)
      await publish(publisher, name, 'for nobody', { qos: 1 })
      await fresh.silent()
    },
  )

  test('v5 [MQTT-4.2.0-1] bytes arrive whole and in order however they are cut', orderedStream)
  test(
    'v5 [MQTT-4.4.0-1] PUBLISH and PUBREL come again on resuming, as they were, and at no other time',
    resentOnResume,
  )

  test('v5 [MQTT-4.4.0-2] what got PUBACK or PUBREC 0x80 or above does not come again', async (stage) => {
    const { name, connect } = stage
    const [subscriber, publisher] = [await durable(stage), await connect()]
    await subscribe(subscriber, name, 2)
    await publish(publisher, name, 'refused 1', { qos: 1 })
    await publish(publisher, name, 'refused 2', { qos: 2 })
    await publish(publisher, name, 'kept', { qos: 1 })
    const came = await receive(subscriber, 3)
    const idOf = (text: string): Buffer => u16(came.find(({ payload }) => payload === text)?.packetId ?? 0)
    subscriber.send(mqtt`40 03 ${idOf('refused 1')} 97`, mqtt`50 03 ${idOf('refused 2')} 83`)
    await subscriber.silent()
    await subscriber.vanish()
    assert.deepEqual(payloads(await (await durable(stage)).publishes()), ['kept'])
  })

  test('v5 [MQTT-4.5.0-1] a message goes to every matching session, connected or not', everyMatchingSession)
})
