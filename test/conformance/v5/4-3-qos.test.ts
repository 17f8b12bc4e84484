/** MQTT 5.0, section 4.3: quality of service. */
import assert from 'node:assert/strict'
import { mqtt, u16, u32 } from '../peer/bytes.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import {
  pubrelCompleted,
  qos1Acknowledged,
  qos1NewAfterPuback,
  qos2DuplicatesOnce,
  qos2DuplicatesOnceAfterResume,
  qos2NewAfterPubcomp,
  qos2Received,
} from '../scenarios/qos-in.ts'
import {
  noPublishAfterPubrel,
  pubrelAfterPubrec,
  pubrelUntilPubcomp,
  qos0Sent,
  qos1FirstSending,
  qos1FreeIdentifiers,
  qos2FirstSending,
  qos2FreeIdentifiers,
  unacknowledgedUntilPuback,
  unacknowledgedUntilPubrec,
} from '../scenarios/qos-out.ts'
import { durable, payloads, withoutRight } from '../scenarios/support.ts'
import { conformance, ownClock } from '../suite.ts'

conformance('v5', '4.3 quality of service', (test) => {
  test('v5 [MQTT-4.3.1-1] QoS 0 is sent with QoS 0 and without DUP', qos0Sent)
  test('v5 [MQTT-4.3.2-1] QoS 1: the packet identifier is a free one', qos1FreeIdentifiers)
  test('v5 [MQTT-4.3.2-2] QoS 1: first sent with QoS 1 and without DUP', qos1FirstSending)
  test('v5 [MQTT-4.3.2-3] QoS 1: unacknowledged until PUBACK', unacknowledgedUntilPuback)
  test('v5 [MQTT-4.3.2-4] QoS 1 is answered by PUBACK once the message is owned', qos1Acknowledged)
  test('v5 [MQTT-4.3.2-5] after PUBACK the same identifier is a new message', qos1NewAfterPuback)
  test('v5 [MQTT-4.3.3-1] QoS 2: the packet identifier is a free one', qos2FreeIdentifiers)
  test('v5 [MQTT-4.3.3-2] QoS 2: first sent with QoS 2 and without DUP', qos2FirstSending)
  test('v5 [MQTT-4.3.3-3] QoS 2: unacknowledged until PUBREC', unacknowledgedUntilPubrec)
  test('v5 [MQTT-4.3.3-4] PUBREC is answered by PUBREL', pubrelAfterPubrec)
  test('v5 [MQTT-4.3.3-5] PUBREL is unacknowledged until PUBCOMP', pubrelUntilPubcomp)
  test('v5 [MQTT-4.3.3-6] after PUBREL the PUBLISH is not sent again', noPublishAfterPubrel)

  test('v5 [MQTT-4.3.3-4] PUBREC 0x80 or above gets no PUBREL and ends the exchange', async (stage) => {
    const { name, connect } = stage
    const [subscriber, publisher] = [await connect(), await connect()]
    await subscribe(subscriber, name, 2)
    await publish(publisher, name, 'refused', { qos: 2 })
    const { packetId } = await subscriber.publish()
    subscriber.send(mqtt`50 03 ${u16(packetId)} 80`)
    await subscriber.silent()
  })

  test('v5 [MQTT-4.3.3-7] a QoS 2 message that was sent does not expire', ownClock(), async (stage) => {
    const { name, connect, passSeconds } = stage
    const [subscriber, publisher] = [await durable(stage), await connect()]
    await subscribe(subscriber, name, 2)
    await publish(publisher, name, 'sent', { qos: 2, properties: mqtt`02 ${u32(5)}` })
    const first = await subscriber.publish()
    await subscriber.vanish()
    await passSeconds(20)
    const again = await (await durable(stage)).publish()
    assert.deepEqual([again.packetId, again.payload, again.duplicate], [first.packetId, 'sent', true])
  })

  test('v5 [MQTT-4.3.3-8] QoS 2 is answered by PUBREC once the message is owned', qos2Received)

  test(
    'v5 [MQTT-4.3.3-9] after PUBREC 0x80 or above the same identifier is a new message',
    withoutRight('publish'),
    async ({ name, version, connect }) => {
      const [subscriber, publisher] = [await connect(), await connect()]
      await subscribe(subscriber, `${name}/#`, 2)
      publisher.send(publishPacket(version, `${name}/no`, 'refused', { qos: 2, packetId: 3 }))
      assert.deepEqual(codeOf(await publisher.acknowledgement('PUBREC')), [3, 0x87])
      await publish(publisher, `${name}/yes`, 'new', { qos: 2, packetId: 3 })
      assert.deepEqual(payloads(await subscriber.publishes()), ['new'])
    },
  )

  test('v5 [MQTT-4.3.3-10] QoS 2 sent again before PUBREL is delivered once', qos2DuplicatesOnce)
  test('v5 [MQTT-4.3.3-10] QoS 2 sent again on the next connection is delivered once', qos2DuplicatesOnceAfterResume)
  test('v5 [MQTT-4.3.3-11] PUBREL is answered by PUBCOMP', pubrelCompleted)
  test('v5 [MQTT-4.3.3-12] after PUBCOMP the same identifier is a new message', qos2NewAfterPubcomp)

  test('v5 [MQTT-4.3.3-13] the exchange is completed after the message expired', ownClock(), async (stage) => {
    const { name, version, connect, passSeconds } = stage
    const [away, publisher] = [await durable(stage), await connect()]
    await subscribe(away, name, 2)
    await away.leave()
    publisher.send(publishPacket(version, name, 'brief', { qos: 2, packetId: 4, properties: mqtt`02 ${u32(5)}` }))
    assert.deepEqual(codeOf(await publisher.acknowledgement('PUBREC')), [4, 0])
    await passSeconds(20)
    await (await durable(stage)).silent()
    publisher.send(mqtt`62 02 0004`)
    assert.deepEqual(codeOf(await publisher.acknowledgement('PUBCOMP')), [4, 0])
  })
})

const codeOf = ({ packetId, code }: { packetId: number; code: number }): number[] => [packetId, code]
