/** MQTT 5.0, sections 3.8 and 3.9: SUBSCRIBE and SUBACK. */
import assert from 'node:assert/strict'
import { mqtt, u8 } from '../peer/bytes.ts'
import { publish, subscribe } from '../peer/shorthand.ts'
import { subscriptionAnswerOf } from '../peer/views.ts'
import {
  lowerOfBoth,
  replaces,
  replacesWithoutLoss,
  severalFilters,
  subackAnswers,
  subscribeEmpty,
  subscribeFlags,
  subscribeText,
} from '../scenarios/subscriptions.ts'
import {
  eachCloses,
  malformedPacket,
  payloads,
  protocolError,
  receive,
  subscribeTo,
  tight,
  tightBytes,
  withoutRight,
} from '../scenarios/support.ts'
import { conformance } from '../suite.ts'

const noLocal = 0x04
const subackCodes = [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2]

conformance('v5', '3.8 SUBSCRIBE, 3.9 SUBACK', (test) => {
  test('v5 [MQTT-3.8.1-1] SUBSCRIBE with flags other than 0010 ends the connection', subscribeFlags)
  test('v5 [MQTT-3.8.3-1] a filter that is no text ends the connection', subscribeText)
  test('v5 [MQTT-3.8.3-2] SUBSCRIBE without a filter ends the connection', subscribeEmpty)

  test('v5 [MQTT-3.8.3-2] a filter without its options ends the connection', (stage) =>
    eachCloses(stage, [mqtt`82 __ 0001 {} "a/b"`], malformedPacket, protocolError))

  test('v5 [MQTT-3.8.3-3] No Local keeps the own messages of a client from it', async ({ name, connect }) => {
    const [own, other] = [await connect(), await connect()]
    await subscribe(own, name, noLocal | 2)
    for (const qos of [0, 1, 2] as const) await publish(own, name, 'own', { qos })
    for (const qos of [0, 1, 2] as const) await publish(other, name, 'other', { qos })
    assert.deepEqual(payloads(await receive(own, 3)), ['other', 'other', 'other'])
    await own.silent()
  })

  test('v5 [MQTT-3.8.3-3] No Local is judged by client id, for a session that was away too', async (stage) => {
    const { name, connect } = stage
    const session = { clientId: name, clean: false, sessionExpirySeconds: 600 }
    const [first, other] = [await connect(session), await connect()]
    await subscribe(first, name, noLocal | 1)
    await publish(first, name, 'own', { qos: 1 })
    await first.vanish()
    await publish(other, name, 'other', { qos: 1 })
    assert.deepEqual(payloads(await (await connect(session)).publishes()), ['other'])
  })

  test('v5 [MQTT-3.8.3-4] No Local on a shared subscription ends the connection', ({ name, connect, ...stage }) =>
    eachCloses({ name, connect, ...stage }, [mqtt`82 __ 0001 {} ${`$share/group/${name}`} 04`], protocolError))

  test('v5 [MQTT-3.8.3-5] reserved bits of the subscription options end the connection', (stage) =>
    eachCloses(
      stage,
      [0x40, 0x80, 0xc0, 0x41].map((options) => mqtt`82 __ 0001 {} "a/b" ${u8(options)}`),
      malformedPacket,
      protocolError,
    ))

  test('v5 [MQTT-3.8.4-1] v5 [MQTT-3.8.4-2] SUBSCRIBE is answered by SUBACK with its identifier', subackAnswers)
  test('v5 [MQTT-3.8.4-3] the same filter takes the place of the subscription', replaces)
  test('v5 [MQTT-3.8.4-4] replacing sends retained messages again and loses nothing', replacesWithoutLoss)
  test(
    'v5 [MQTT-3.8.4-5] v5 [MQTT-3.8.4-6] v5 [MQTT-3.9.3-1] several filters get one SUBACK with a code for each in order',
    severalFilters,
  )

  test(
    'v5 [MQTT-3.8.4-7] v5 [MQTT-3.9.3-1] a code is the QoS granted or the failure, in the order of the filters',
    withoutRight('subscribe'),
    async ({ name, connect }) => {
      const [subscriber, publisher] = [await connect(), await connect()]
      const entries = mqtt`${`${name}/a`} 02 ${`${name}/no`} 01 ${`${name}/b`} 01 ${`${name}/c/no`} 00`
      subscriber.send(mqtt`82 __ 0001 {} ${entries}`)
      assert.deepEqual(subscriptionAnswerOf(await subscriber.expect('SUBACK')).codes, [2, 0x87, 1, 0x87])
      for (const level of ['a', 'no', 'b', 'c/no']) await publish(publisher, `${name}/${level}`, level, { qos: 2 })
      const came = (await receive(subscriber, 2)).map(({ payload, qos }) => [payload, qos])
      assert.deepEqual(came, [
        ['a', 2],
        ['b', 1],
      ])
      await subscriber.silent()
    },
  )

  test('v5 [MQTT-3.8.4-8] what is delivered has the lower of the QoS published and granted', lowerOfBoth)

  test(
    'v5 [MQTT-3.9.2-1] v5 [MQTT-3.9.2-2] SUBACK leaves out what would not fit the client',
    withoutRight('subscribe'),
    async ({ name, version, connect }) => {
      const peer = await connect({ properties: tight })
      peer.send(subscribeTo(version, 1, `${name}/no`))
      const packet = await peer.expect('SUBACK')
      assert.ok(packet.bytes.length <= tightBytes, `${packet}`)
      assert.deepEqual(subscriptionAnswerOf(packet).codes, [0x87])
    },
  )

  test('v5 [MQTT-3.9.3-2] SUBACK bears codes of its table', async ({ name, version, connect }) => {
    const peer = await connect()
    // Granted by one server and refused by another.
    peer.send(subscribeTo(version, 1, `${name}/a`, '$SYS/#', `${name}/${'x/'.repeat(100)}y`))
    const { codes } = subscriptionAnswerOf(await peer.expect('SUBACK'))
    assert.equal(codes.length, 3)
    assert.ok(
      codes.every((code) => subackCodes.includes(code)),
      `${codes}`,
    )
  })
})
