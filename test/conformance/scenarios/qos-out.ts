/** Section 4.3 and 4.4: the server as sender, the same in both versions. */
import assert from 'node:assert/strict'
import { mqtt, u16 } from '../peer/bytes.ts'
import type { Peer } from '../peer/peer.ts'
import { publish, subscribe } from '../peer/shorthand.ts'
import { type Publish, publishOf } from '../peer/views.ts'
import type { Stage } from '../suite.ts'
import { durable, numbers, payloads, receive } from './support.ts'

export async function qos0Sent({ name, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, name, 0)
  await publish(publisher, name, '0')
  await publish(publisher, name, '1', { qos: 1 })
  await publish(publisher, name, '2', { qos: 2 })
  const came = await receive(subscriber, 3)
  assert.deepEqual(payloads(came), numbers(3))
  assert.ok(came.every(({ qos, duplicate }) => qos === 0 && !duplicate))
}

const freeIdentifiers =
  (qos: 1 | 2) =>
  async (stage: Stage): Promise<void> => {
    const { name, connect } = stage
    const [subscriber, publisher] = [await connect(), await connect()]
    await subscribe(subscriber, name, qos)
    const inFlight = new Set<number>()
    for (const payload of numbers(12)) {
      await publish(publisher, name, payload, { qos })
      const { packetId } = await subscriber.publish()
      assert.ok(packetId > 0 && !inFlight.has(packetId), `${packetId} is in flight`)
      inFlight.add(packetId)
      if (Number(payload) % 3 !== 0) continue
      const [oldest = 0] = inFlight
      await acknowledge(subscriber, oldest, qos)
      inFlight.delete(oldest)
    }
  }

export const qos1FreeIdentifiers = freeIdentifiers(1)
export const qos2FreeIdentifiers = freeIdentifiers(2)

const firstSending =
  (qos: 1 | 2) =>
  async ({ name, connect }: Stage): Promise<void> => {
    const [subscriber, publisher] = [await connect(), await connect()]
    await subscribe(subscriber, name, 2)
    await publish(publisher, name, 'first', { qos, packetId: 77 })
    // What the publisher says of its own sending is not handed on.
    const came = await subscriber.publish()
    assert.deepEqual([came.qos, came.duplicate, came.payload], [qos, false, 'first'])
    assert.ok(came.packetId > 0)
  }

export const qos1FirstSending = firstSending(1)
export const qos2FirstSending = firstSending(2)

export async function unacknowledgedUntilPuback(stage: Stage): Promise<void> {
  const { name } = stage
  const { subscriber, came } = await delivered(stage, 1, ['kept', 'acknowledged'])
  await acknowledge(subscriber, came[1]?.packetId ?? 0, 1)
  await subscriber.silent()
  await subscriber.vanish()
  const [again, more] = [await durable(stage), await stage.connect()]
  assert.deepEqual(sentAgain(await again.publish()), sentAgain(came[0], true))
  await acknowledge(again, came[0]?.packetId ?? 0, 1)
  await again.silent()
  await again.vanish()
  const third = await durable(stage)
  await publish(more, name, 'new', { qos: 1 })
  assert.deepEqual(payloads([await third.publish()]), ['new'])
}

export async function unacknowledgedUntilPubrec(stage: Stage): Promise<void> {
  const { subscriber, came } = await delivered(stage, 2, ['one'])
  await subscriber.vanish()
  const again = await durable(stage)
  const [first] = came
  assert.deepEqual(sentAgain(await again.publish()), sentAgain(first, true))
  await acknowledge(again, first?.packetId ?? 0, 2)
  await again.silent()
}

export async function pubrelAfterPubrec(stage: Stage): Promise<void> {
  const { subscriber, came } = await delivered(stage, 2, numbers(3))
  for (const { packetId } of came.toReversed()) {
    subscriber.send(mqtt`50 02 ${u16(packetId)}`)
    const { packetId: released, code } = await subscriber.acknowledgement('PUBREL')
    assert.deepEqual([released, code], [packetId, 0])
  }
}

/** PUBREL is sent again until PUBCOMP, and the PUBLISH never. */
export async function pubrelUntilPubcomp(stage: Stage): Promise<void> {
  const { subscriber, came } = await delivered(stage, 2, ['one'])
  const packetId = came[0]?.packetId ?? 0
  subscriber.send(mqtt`50 02 ${u16(packetId)}`)
  await subscriber.acknowledgement('PUBREL')
  await subscriber.vanish()
  const second = await durable(stage)
  assert.equal((await second.acknowledgement('PUBREL')).packetId, packetId)
  await second.silent()
  await second.vanish()
  const third = await durable(stage)
  assert.equal((await third.acknowledgement('PUBREL')).packetId, packetId)
  third.send(mqtt`70 02 ${u16(packetId)}`)
  await third.silent()
  await third.vanish()
  await (await durable(stage)).silent()
}

/** PUBREC again, as after a loss, gets PUBREL again and no PUBLISH. */
export async function noPublishAfterPubrel(stage: Stage): Promise<void> {
  const { subscriber, came } = await delivered(stage, 2, ['one'])
  const packetId = came[0]?.packetId ?? 0
  for (let time = 0; time < 2; time++) {
    subscriber.send(mqtt`50 02 ${u16(packetId)}`)
    assert.equal((await subscriber.acknowledgement('PUBREL')).packetId, packetId)
  }
  await subscriber.vanish()
  const again = await durable(stage)
  await again.acknowledgement('PUBREL')
  await again.silent()
}

/** Publish and PUBREL come again as they were when the session is resumed, and not before. */
export async function resentOnResume(stage: Stage): Promise<void> {
  const { subscriber, came } = await delivered(stage, 2, numbers(4), [1, 2, 1, 2])
  const released = came.find(({ qos }) => qos === 2)
  subscriber.send(mqtt`50 02 ${u16(released?.packetId ?? 0)}`)
  await subscriber.acknowledgement('PUBREL')
  // As often as it is asked: nothing comes again on the same connection.
  for (let time = 0; time < 3; time++) await subscriber.silent()
  await subscriber.vanish()
  const again = await durable(stage)
  const packets = await again.untilPong()
  const publishes = came.filter((publish) => publish !== released)
  assert.deepEqual(
    packets.filter(({ name }) => name === 'PUBLISH').map(({ hex }) => hex.slice(2)),
    publishes.map(({ hex }) => hex.slice(2)),
  )
  assert.deepEqual(
    packets.filter(({ name }) => name === 'PUBREL').map(({ hex }) => hex),
    [mqtt`62 02 ${u16(released?.packetId ?? 0)}`.toString('hex')],
  )
  for (let time = 0; time < 3; time++) await again.silent()
}

interface Delivered {
  readonly subscriber: Peer
  readonly came: readonly (Publish & { readonly hex: string })[]
}

/** Messages at a durable session, none of them acknowledged. */
async function delivered(
  stage: Stage,
  granted: 1 | 2,
  texts: readonly string[],
  published: readonly (1 | 2)[] = [],
): Promise<Delivered> {
  const { name, connect } = stage
  const [subscriber, publisher] = [await durable(stage), await connect()]
  await subscribe(subscriber, name, granted)
  for (const [index, payload] of texts.entries()) {
    await publish(publisher, name, payload, { qos: published[index] ?? granted })
  }
  const came: (Publish & { hex: string })[] = []
  while (came.length < texts.length) {
    const packet = await subscriber.expect('PUBLISH')
    came.push({ ...publishOf(packet), hex: packet.hex })
  }
  return { subscriber, came }
}

async function acknowledge(peer: Peer, packetId: number, qos: 1 | 2): Promise<void> {
  if (qos === 1) return peer.send(mqtt`40 02 ${u16(packetId)}`)
  peer.send(mqtt`50 02 ${u16(packetId)}`)
  assert.equal((await peer.acknowledgement('PUBREL')).packetId, packetId)
  peer.send(mqtt`70 02 ${u16(packetId)}`)
}

const sentAgain = (publish: Publish | undefined, duplicate = publish?.duplicate): unknown[] => [
  publish?.packetId,
  publish?.qos,
  publish?.payload,
  duplicate,
]
