/** MQTT 5.0, section 3.1: when a will is published, and how. */
import assert from 'node:assert/strict'
import { mqtt, raw, u32 } from '../peer/bytes.ts'
import type { Peer } from '../peer/peer.ts'
import { propertiesOf } from '../peer/received.ts'
import { publish, subscribe, type Will } from '../peer/shorthand.ts'
import { conformance, ownClock, type Stage } from '../suite.ts'

const willDelay = (seconds: number): Buffer => mqtt`18 ${u32(seconds)}`

/** A subscriber to the case's own topic, and the client whose will goes there. */
async function withWill({ connect, name }: Stage, will: Partial<Will> = {}, sessionExpirySeconds = 0) {
  const watcher = await connect()
  await subscribe(watcher, name, 2)
  const options = { clientId: `${name}dies`, sessionExpirySeconds, will: { topic: name, ...will } }
  return { watcher, options, peer: await connect(options) }
}

const endings: Readonly<Record<string, (peer: Peer) => void>> = {
  'a reset': (peer) => void peer.vanish(),
  'the end of the stream': (peer) => peer.socket.end(),
  'DISCONNECT with will': (peer) => peer.send(mqtt`e0 01 04`),
  'DISCONNECT with another reason': (peer) => peer.send(mqtt`e0 01 80`),
  'a protocol error': (peer) => peer.send(mqtt`10 __ "MQTT" 05 02 0000 {} "x"`),
  'a malformed packet': (peer) => peer.send(mqtt`3f 00`),
}

conformance('v5', '3.1 the will', (test) => {
  test('v5 [MQTT-3.1.2-7] a will is kept with the session, whole', async (stage) => {
    const properties = mqtt`01 01 03 "type" 08 "answer/here" 09 0003 010203 26 "a" "1"`
    const { watcher, peer } = await withWill(stage, { qos: 1, payload: 'last words', properties })
    await peer.vanish()
    const { bytes } = await watcher.expect('PUBLISH')
    assert.deepEqual(bytes, mqtt`32 __ ${stage.name} 0001 {${properties}} ${raw('last words')}`)
  })

  for (const [ending, end] of Object.entries(endings)) {
    test(`v5 [MQTT-3.1.2-8] a will without delay is published at the end by ${ending}`, async (stage) => {
      const { watcher, peer } = await withWill(stage)
      await watcher.silent()
      end(peer)
      assert.equal((await watcher.publish()).payload, 'gone')
      await watcher.silent()
    })
  }

  test('v5 [MQTT-3.1.2-8] a will waits for its delay', ownClock(), async (stage) => {
    const { watcher, peer } = await withWill(stage, { properties: willDelay(20) }, 600)
    await peer.vanish()
    await watcher.silent()
    await stage.passSeconds(19)
    await watcher.silent()
    await stage.passSeconds(3)
    assert.equal((await watcher.publish()).payload, 'gone')
  })

  test('v5 [MQTT-3.1.2-8] a will waits no longer than its session lasts', ownClock(), async (stage) => {
    const { watcher, peer } = await withWill(stage, { properties: willDelay(600) }, 20)
    await peer.vanish()
    await watcher.silent()
    await stage.passSeconds(19)
    await watcher.silent()
    await stage.passSeconds(3)
    assert.equal((await watcher.publish()).payload, 'gone')
  })

  test('v5 [MQTT-3.1.2-8] the end of the session by Clean Start publishes a will that waits', async (stage) => {
    const { watcher, options, peer } = await withWill(stage, { properties: willDelay(600) }, 600)
    await peer.vanish()
    await watcher.silent()
    await stage.connect({ clientId: options.clientId, clean: true })
    assert.equal((await watcher.publish()).payload, 'gone')
  })

  test('v5 [MQTT-3.1.2-10] DISCONNECT 0x00 withdraws the will, and one that was published is gone', async (stage) => {
    const { watcher, options, peer } = await withWill(stage, {}, 600)
    await peer.leave()
    await watcher.silent()
    const explicit = await stage.connect({ ...options, clean: false })
    explicit.send(mqtt`e0 __ 00 {}`)
    await explicit.ending()
    await watcher.silent()
    await (await stage.connect({ ...options, clean: false })).vanish()
    assert.equal((await watcher.publish()).payload, 'gone')
    const without = { clientId: options.clientId, clean: false, sessionExpirySeconds: 600 }
    await (await stage.connect(without)).vanish()
    await (await stage.connect(without)).leave()
    await watcher.silent()
  })

  test('v5 [MQTT-3.1.2-14] without Will Retain the will is not retained', async (stage) => {
    const { watcher, peer } = await withWill(stage)
    await peer.vanish()
    assert.equal((await watcher.publish()).retain, false)
    const later = await stage.connect()
    await subscribe(later, stage.name)
    await later.silent()
  })

  test('v5 [MQTT-3.1.2-15] with Will Retain the will is retained', async (stage) => {
    const { watcher, peer } = await withWill(stage, { retain: true, qos: 1 })
    await peer.vanish()
    await watcher.publish()
    const later = await stage.connect()
    await subscribe(later, stage.name, 1)
    const { retain, payload, qos } = await later.publish()
    assert.deepEqual([retain, payload, qos], [true, 'gone', 1])
    await publish(later, stage.name, '', { retain: true }).catch(() => undefined)
  })

  test(
    'v5 [MQTT-3.1.3-9] a client back within the will delay keeps its will from being sent',
    ownClock(),
    async (stage) => {
      const { watcher, options, peer } = await withWill(stage, { properties: willDelay(20) }, 600)
      await peer.vanish()
      await watcher.silent()
      await stage.passSeconds(10)
      const back = await stage.connect({ ...options, clean: false })
      assert.equal(back.connack?.sessionPresent, true)
      await stage.passSeconds(60)
      await watcher.silent()
    },
  )

  test('v5 [MQTT-3.1.3-9] a takeover within the will delay keeps the will from being sent', async (stage) => {
    const { watcher, options, peer } = await withWill(stage, { properties: willDelay(600) }, 600)
    const second = await stage.connect({ ...options, clean: false })
    await peer.closes(0x8e)
    await second.leave()
    await watcher.silent()
  })

  test('v5 [MQTT-3.1.3-10] the user properties of a will keep their order', async (stage) => {
    const properties = mqtt`26 "b" "1" 26 "a" "2" 26 "b" "1" 26 "" "" 26 "a" "0"`
    const { watcher, peer } = await withWill(stage, { properties })
    await peer.vanish()
    assert.deepEqual(propertiesOf((await watcher.publish()).properties, 0x26), [
      ['b', '1'],
      ['a', '2'],
      ['b', '1'],
      ['', ''],
      ['a', '0'],
    ])
  })
})
