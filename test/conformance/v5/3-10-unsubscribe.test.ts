/** MQTT 5.0, sections 3.10 to 3.12: UNSUBSCRIBE, UNSUBACK and PINGREQ. */
import assert from 'node:assert/strict'
import { subscribe } from '../peer/shorthand.ts'
import { subscriptionAnswerOf } from '../peer/views.ts'
import {
  addsNoMore,
  comparesCharacters,
  completesDelivery,
  pong,
  severalUnsubscribed,
  unsubackAnswers,
  unsubscribeEmpty,
  unsubscribeFlags,
  unsubscribeText,
} from '../scenarios/subscriptions.ts'
import { tight, tightBytes, unsubscribeFrom } from '../scenarios/support.ts'
import { conformance } from '../suite.ts'

conformance('v5', '3.10 UNSUBSCRIBE, 3.11 UNSUBACK, 3.12 PINGREQ', (test) => {
  test('v5 [MQTT-3.10.1-1] UNSUBSCRIBE with flags other than 0010 ends the connection', unsubscribeFlags)
  test('v5 [MQTT-3.10.3-1] a filter of UNSUBSCRIBE that is no text ends the connection', unsubscribeText)
  test('v5 [MQTT-3.10.3-2] UNSUBSCRIBE without a filter ends the connection', unsubscribeEmpty)
  test('v5 [MQTT-3.10.4-1] filters are compared character by character', comparesCharacters)
  test('v5 [MQTT-3.10.4-2] after UNSUBSCRIBE no new message is added', addsNoMore)
  test('v5 [MQTT-3.10.4-3] what was begun to be sent is completed', completesDelivery)
  test(
    'v5 [MQTT-3.10.4-4] v5 [MQTT-3.10.4-5] UNSUBACK comes with the identifier, even if nothing was deleted',
    unsubackAnswers,
  )
  test(
    'v5 [MQTT-3.10.4-6] v5 [MQTT-3.11.3-1] several filters get one UNSUBACK with a code for each in order',
    severalUnsubscribed,
  )

  test('v5 [MQTT-3.11.2-1] v5 [MQTT-3.11.2-2] UNSUBACK leaves out what would not fit the client', async (stage) => {
    const peer = await stage.connect({ properties: tight })
    peer.send(unsubscribeFrom(stage.version, 1, stage.name))
    const packet = await peer.expect('UNSUBACK')
    assert.ok(packet.bytes.length <= tightBytes, `${packet}`)
  })

  test('v5 [MQTT-3.11.3-2] UNSUBACK bears codes of its table', async ({ name, version, connect }) => {
    const peer = await connect()
    await subscribe(peer, `${name}/held`)
    peer.send(unsubscribeFrom(version, 1, `${name}/held`, `${name}/not`, `$share/g/${name}`))
    const { codes } = subscriptionAnswerOf(await peer.expect('UNSUBACK'))
    assert.deepEqual(codes, [0x00, 0x11, 0x11])
  })

  test('v5 [MQTT-3.12.4-1] PINGREQ is answered by PINGRESP', pong)
})
