/** MQTT 5.0, section 3.3.1: DUP, QoS and RETAIN of a PUBLISH. */
import assert from 'node:assert/strict'
import { mqtt, raw, u8 } from '../peer/bytes.ts'
import type { Peer } from '../peer/peer.ts'
import { publish, subscribe, unsubscribe } from '../peer/shorthand.ts'
import type { Publish } from '../peer/views.ts'
import { conformance, type Stage } from '../suite.ts'

/** Options of a subscription: Retain As Published, and Retain Handling. */
const retainAsPublished = 0x08
const retainHandling = (value: 0 | 1 | 2): number => value << 4

/** Subscribes, and gets these at once, in any order and no others: `payload`, or `payload retained`. */
async function gets(peer: Peer, filter: string, options: number, ...expected: readonly string[]): Promise<void> {
  await subscribe(peer, filter, options)
  const received: Publish[] = []
  while (received.length < expected.length) received.push(await peer.publish())
  received.push(...(await peer.publishes()))
  const shown = received.map(({ payload, retain }) => `${payload}${retain ? ' retained' : ''}`)
  assert.deepEqual(shown.sort(), [...expected].sort())
}

/** What is retained below a filter. */
async function kept(stage: Stage, filter: string, ...payloads: readonly string[]): Promise<void> {
  const peer = await stage.connect()
  await gets(peer, filter, 0, ...payloads.map((payload) => `${payload} retained`))
  await peer.leave()
}

conformance('v5', '3.3.1 fixed header of PUBLISH', (test) => {
  test('v5 [MQTT-3.3.1-1] a PUBLISH that is sent again has DUP', async ({ connect, name }) => {
    const options = { clientId: name, clean: false, sessionExpirySeconds: 600 }
    const first = await connect(options)
    await subscribe(first, name, 2)
    const publisher = await connect()
    await publish(publisher, name, 'one', { qos: 1 })
    await publish(publisher, name, 'two', { qos: 2 })
    const before = [await first.publish(), await first.publish()]
    assert.deepEqual(
      before.map(({ duplicate }) => duplicate),
      [false, false],
    )
    await first.vanish()
    const second = await connect(options)
    const again = [await second.publish(), await second.publish()]
    assert.deepEqual(
      again,
      before.map((sent) => ({ ...sent, duplicate: true })),
    )
  })

  test('v5 [MQTT-3.3.1-2] a QoS 0 PUBLISH has no DUP, and one that has ends the connection', async (stage) => {
    const peer = await stage.connect()
    await subscribe(peer, stage.name)
    await publish(await stage.connect(), stage.name, 'x', { qos: 1, duplicate: true })
    assert.equal((await peer.expect('PUBLISH')).flags, 0)
    await stage.breaks(mqtt`38 __ ${stage.name} {}`, 0x81)
  })

  test('v5 [MQTT-3.3.1-3] DUP of what comes in does not go out', async ({ connect, name }) => {
    const peer = await connect()
    await subscribe(peer, name, 2)
    const publisher = await connect()
    await publish(publisher, name, 'x', { qos: 1, duplicate: true })
    await publish(publisher, name, 'y', { qos: 2, duplicate: true })
    assert.deepEqual([(await peer.publish()).duplicate, (await peer.publish()).duplicate], [false, false])
  })

  test('v5 [MQTT-3.3.1-4] a PUBLISH with QoS 3 ends the connection', async ({ breaks, name }) => {
    for (const first of [0x36, 0x37, 0x3e, 0x3f]) await breaks(mqtt`${u8(first)} __ ${name} 0001 {}`, 0x81)
  })

  test('v5 [MQTT-3.3.1-5] a retained message takes the place of the one before, at any QoS', async (stage) => {
    const publisher = await stage.connect()
    for (const [index, qos] of ([1, 2, 0, 1] as const).entries()) {
      await publish(publisher, stage.name, `${index}`, { qos, retain: true, packetId: index + 1 })
      await kept(stage, stage.name, `${index}`)
    }
    // For its own topic alone.
    await publish(publisher, `${stage.name}/below`, 'below', { qos: 1, retain: true })
    await kept(stage, `${stage.name}/#`, '3', 'below')
  })

  test('v5 [MQTT-3.3.1-6] an empty retained message is delivered, and removes what was retained', async (stage) => {
    for (const qos of [0, 1, 2] as const) {
      const topic = `${stage.name}/${qos}`
      const publisher = await stage.connect()
      await publish(publisher, topic, 'kept', { qos: 1, retain: true })
      const peer = await stage.connect()
      await gets(peer, topic, 2, 'kept retained')
      await publish(publisher, topic, '', { qos, retain: true })
      const { payload, retain } = await peer.publish()
      assert.deepEqual([payload, retain], ['', false])
      await kept(stage, topic)
    }
  })

  test('v5 [MQTT-3.3.1-7] an empty retained message is not kept', async (stage) => {
    await publish(await stage.connect(), stage.name, '', { qos: 1, retain: true })
    await kept(stage, stage.name)
  })

  test('v5 [MQTT-3.3.1-8] a message without RETAIN leaves what is retained as it is', async (stage) => {
    const publisher = await stage.connect()
    await publish(publisher, stage.name, 'kept', { qos: 1, retain: true })
    await publish(publisher, stage.name, 'other', { qos: 1 })
    await publish(publisher, stage.name, '', { qos: 1 })
    await publish(publisher, stage.name, '', { qos: 0 })
    await kept(stage, stage.name, 'kept')
    await publish(publisher, `${stage.name}/never`, 'x', { qos: 1 })
    await kept(stage, `${stage.name}/never`)
  })

  test('v5 [MQTT-3.3.1-9] Retain Handling 0 sends what is retained each time', async ({ connect, name }) => {
    await publish(await connect(), name, 'kept', { qos: 1, retain: true })
    const peer = await connect()
    for (let time = 0; time < 2; time++) {
      await gets(peer, name, retainHandling(0), 'kept retained')
    }
  })

  test('v5 [MQTT-3.3.1-10] Retain Handling 1 sends what is retained to a new subscription alone', async (stage) => {
    const { connect, name } = stage
    await publish(await connect(), name, 'kept', { qos: 1, retain: true })
    const peer = await connect()
    await gets(peer, name, retainHandling(1), 'kept retained')
    await gets(peer, name, retainHandling(1) | 1)
    await unsubscribe(peer, name)
    await gets(peer, name, retainHandling(1), 'kept retained')
  })

  test('v5 [MQTT-3.3.1-11] Retain Handling 2 sends nothing that is retained', async ({ connect, name }) => {
    await publish(await connect(), name, 'kept', { qos: 1, retain: true })
    await gets(await connect(), name, retainHandling(2))
  })

  test('v5 [MQTT-3.3.1-12] without Retain As Published a forwarded message has no RETAIN', async ({
    connect,
    name,
  }) => {
    const peer = await connect()
    await subscribe(peer, name, 1)
    const publisher = await connect()
    for (const qos of [0, 1] as const) await publish(publisher, name, `${qos}`, { qos, retain: true })
    assert.deepEqual(
      (await peer.publishes()).map(({ retain }) => retain),
      [false, false],
    )
  })

  test('v5 [MQTT-3.3.1-13] with Retain As Published RETAIN is what it was', async ({ connect, name }) => {
    const peer = await connect()
    await subscribe(peer, name, retainAsPublished | 1)
    const publisher = await connect()
    const flags: boolean[] = []
    for (const qos of [0, 1] as const) {
      for (const retain of [true, false]) {
        await publish(publisher, name, 'x', { qos, retain })
        flags.push((await peer.publish()).retain)
      }
    }
    assert.deepEqual(flags, [true, false, true, false])
  })

  test('v5 [MQTT-3.3.1-5] a retained message is kept with its properties', async ({ connect, name }) => {
    const properties = mqtt`01 01 26 "a" "1"`
    await publish(await connect(), name, 'kept', { qos: 1, retain: true, properties })
    const peer = await connect()
    await subscribe(peer, name)
    assert.deepEqual((await peer.expect('PUBLISH')).bytes, mqtt`31 __ ${name} {${properties}} ${raw('kept')}`)
  })
})
