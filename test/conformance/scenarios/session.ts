/** Sections 4.1, 4.2 and 4.5: session state, transport and receipt, the same in both versions. */
import assert from 'node:assert/strict'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import type { Stage } from '../suite.ts'
import { durable, payloads, receive } from './support.ts'

/** Its session would end at once without the connection. */
export async function sessionLastsWithConnection({ name, connect, passSeconds }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, name, 2)
  await passSeconds(600)
  await publish(publisher, name, 'late', { qos: 2 })
  assert.equal((await subscriber.publish()).payload, 'late')
}

export async function everyMatchingSession(stage: Stage): Promise<void> {
  const { name, connect } = stage
  const publisher = await connect()
  const filters = [`${name}/a`, `${name}/+`, `${name}/#`, `+/a`, `#`]
  const online = await Promise.all(filters.map((filter) => listening(stage, filter)))
  const other = await listening(stage, `${name}/b`)
  const away = await durable(stage)
  await subscribe(away, `${name}/a`, 1)
  await away.leave()
  await publish(publisher, `${name}/a`, name, { qos: 1 })
  for (const peer of online) {
    const came = (await peer.publishes()).filter(({ topic }) => topic === `${name}/a`)
    assert.deepEqual(payloads(came), [name])
  }
  await other.silent()
  assert.deepEqual(payloads(await receive(await durable(stage), 1)), [name])
}

async function listening({ connect }: Stage, filter: string): ReturnType<Stage['connect']> {
  const peer = await connect()
  // At QoS 0: who hears all that is said here at QoS 1 would have to acknowledge it.
  await subscribe(peer, filter)
  return peer
}

/** Packets byte by byte, several in one segment, and large ones, arrive as they were. */
export async function orderedStream({ name, version, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, name)
  const sizes = [0, 1, 127, 128, 16_383, 70_000, 300]
  const packets = sizes.map((size, index) => publishPacket(version, name, `${index}`.repeat(size)))
  const [small = Buffer.alloc(0), ...rest] = packets
  for (const byte of small) publisher.send(Buffer.of(byte))
  publisher.send(...rest)
  const came = await receive(subscriber, sizes.length)
  assert.deepEqual(
    came.map(({ payload }) => payload.length),
    sizes,
  )
  assert.deepEqual(
    payloads(came),
    sizes.map((size, index) => `${index}`.repeat(size)),
  )
}

export async function sessionKeptWhole(stage: Stage): Promise<void> {
  const { name, connect } = stage
  const [first, publisher] = [await durable(stage), await connect()]
  await subscribe(first, `${name}/#`, 1)
  await first.leave()
  for (const payload of ['one', 'two']) {
    await publish(publisher, `${name}/a`, payload, { qos: 1 })
    const next = await durable(stage)
    assert.equal(next.connack?.sessionPresent, true)
    assert.ok(payloads(await next.publishes()).includes(payload))
    await next.vanish()
  }
}
