/** MQTT 3.1.1, sections 3.6 and 3.8 to 3.14. */
import assert from 'node:assert/strict'
import { mqtt } from '../peer/bytes.ts'
import { publish, subscribe } from '../peer/shorthand.ts'
import { subscriptionAnswerOf } from '../peer/views.ts'
import {
  addsNoMore,
  comparesCharacters,
  completesDelivery,
  lowerOfBoth,
  pong,
  replaces,
  replacesWithoutLoss,
  severalFilters,
  severalUnsubscribed,
  subackAnswers,
  subscribeEmpty,
  subscribeFlags,
  subscribeText,
  unsubackAnswers,
  unsubscribeEmpty,
  unsubscribeFlags,
  unsubscribeText,
} from '../scenarios/subscriptions.ts'
import { eachCloses, flagsBut0010, payloads, subscribeTo, withoutRight } from '../scenarios/support.ts'
import { conformance } from '../suite.ts'

conformance('v3.1.1', '3.6 PUBREL, 3.8 SUBSCRIBE to 3.14 DISCONNECT', (test) => {
  test('v3.1.1 [MQTT-3.6.1-1] PUBREL with flags other than 0010 ends the connection', (stage) =>
    eachCloses(stage, flagsBut0010(6, mqtt`02 0001`)))

  test('v3.1.1 [MQTT-3.8.1-1] SUBSCRIBE with flags other than 0010 ends the connection', subscribeFlags)
  test('v3.1.1 [MQTT-3.8.3-1] a filter that is no text ends the connection', subscribeText)
  test(
    'v3.1.1 [MQTT-3.8.3-2] a server without wildcards refuses filters that have them',
    () => ({ protocol: { wildcardSubscriptionAvailable: false } }),
    async ({ name, version, connect }) => {
      const peer = await connect()
      peer.send(subscribeTo(version, 1, `${name}/#`, `${name}/a`, `+/${name}`))
      assert.deepEqual(subscriptionAnswerOf(await peer.expect('SUBACK')).codes, [0x80, 0, 0x80])
    },
  )
  test('v3.1.1 [MQTT-3.8.3-3] SUBSCRIBE without a filter ends the connection', subscribeEmpty)
  test('v3.1.1 [MQTT-3.8.3-4] reserved bits of the requested QoS, or QoS 3, end the connection', (stage) =>
    eachCloses(
      stage,
      ['03', '04', '08', '10', '40', '80'].map((bits) => mqtt`82 __ 0001 "a/b" ${Buffer.from(bits, 'hex')}`),
    ))
  test('v3.1.1 [MQTT-3.8.4-1] v3.1.1 [MQTT-3.8.4-2] SUBSCRIBE is answered by SUBACK with its identifier', subackAnswers)
  test('v3.1.1 [MQTT-3.8.4-3] the same filter takes the place of the subscription', replaces)
  test('v3.1.1 [MQTT-3.8.4-3] replacing sends retained messages again and loses nothing', replacesWithoutLoss)
  test(
    'v3.1.1 [MQTT-3.8.4-4] v3.1.1 [MQTT-3.8.4-5] v3.1.1 [MQTT-3.9.3-1] several filters get one SUBACK with a code for each',
    severalFilters,
  )
  test('v3.1.1 [MQTT-3.8.4-6] what is delivered has the lower of the QoS published and granted', lowerOfBoth)

  test('v3.1.1 [MQTT-3.9.3-2] a filter that is not allowed gets 0x80', withoutRight('subscribe'), async (stage) => {
    const { name, version, connect } = stage
    const peer = await connect()
    peer.send(subscribeTo(version, 1, `${name}/yes`, `${name}/no`, `${name}/yes`))
    assert.deepEqual(subscriptionAnswerOf(await peer.expect('SUBACK')).codes, [0, 0x80, 0])
  })

  test('v3.1.1 [MQTT-3.9.3-2] SUBACK bears no code but 0, 1, 2 and 0x80', async (stage) => {
    const { name, version, connect } = stage
    const peer = await connect()
    // Refused by one server, granted by another: never anything else.
    peer.send(subscribeTo(version, 1, `${name}/a`, `$share/group/${name}`, '$SYS/#', `${name}/${'x/'.repeat(100)}y`))
    const { codes } = subscriptionAnswerOf(await peer.expect('SUBACK'))
    assert.ok(
      codes.every((code) => [0, 1, 2, 0x80].includes(code)),
      `${codes}`,
    )
  })

  test('v3.1.1 [MQTT-3.10.1-1] UNSUBSCRIBE with flags other than 0010 ends the connection', unsubscribeFlags)
  test('v3.1.1 [MQTT-3.10.3-1] a filter of UNSUBSCRIBE that is no text ends the connection', unsubscribeText)
  test('v3.1.1 [MQTT-3.10.3-2] UNSUBSCRIBE without a filter ends the connection', unsubscribeEmpty)
  test('v3.1.1 [MQTT-3.10.4-1] filters are compared character by character', comparesCharacters)
  test('v3.1.1 [MQTT-3.10.4-2] after UNSUBSCRIBE no new message is added', addsNoMore)
  test('v3.1.1 [MQTT-3.10.4-3] what was begun to be sent is completed', completesDelivery)
  test(
    'v3.1.1 [MQTT-3.10.4-4] v3.1.1 [MQTT-3.10.4-5] UNSUBACK comes with the identifier, even if nothing was deleted',
    unsubackAnswers,
  )
  test('v3.1.1 [MQTT-3.10.4-6] several filters act as one UNSUBSCRIBE each, with one UNSUBACK', severalUnsubscribed)
  test('v3.1.1 [MQTT-3.12.4-1] PINGREQ is answered by PINGRESP', pong)

  test('v3.1.1 [MQTT-3.14.1-1] DISCONNECT with reserved flags ends the connection and keeps the will', async (stage) => {
    const { name, connect } = stage
    const watcher = await connect()
    await subscribe(watcher, name)
    const peer = await connect({ will: { topic: name, payload: 'not clean' } })
    peer.send(mqtt`e1 00`)
    await peer.closes()
    assert.equal((await watcher.publish()).payload, 'not clean')
    await eachCloses(
      stage,
      Array.from({ length: 15 }, (_, flags) => Buffer.of(0xe1 + flags, 0)),
    )
  })

  test('v3.1.1 [MQTT-3.14.4-3] DISCONNECT discards the will', async ({ name, connect }) => {
    const [watcher, publisher] = [await connect(), await connect()]
    await subscribe(watcher, name)
    const peer = await connect({ will: { topic: name, payload: 'no' } })
    await peer.leave()
    await publish(publisher, name, 'after')
    assert.deepEqual(payloads(await watcher.publishes()), ['after'])
  })
})
