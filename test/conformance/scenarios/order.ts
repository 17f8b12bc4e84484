/** Section 4.6: message ordering, the same in both versions. */
import assert from 'node:assert/strict'
import { mqtt, u16 } from '../peer/bytes.ts'
import type { Peer } from '../peer/peer.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import { acknowledgementOf } from '../peer/views.ts'
import type { Stage } from '../suite.ts'
import { durable, numbers, payloads, receive, take } from './support.ts'

export async function publishesAgainInOrder(stage: Stage): Promise<void> {
  const { name, connect } = stage
  const [subscriber, publisher] = [await durable(stage), await connect()]
  await subscribe(subscriber, `${name}/#`, 2)
  // At once: a server may then send what is QoS 1 before what is QoS 2.
  const sent = numbers(8).map((payload, index): Sent => {
    return { topic: `${name}/${index % 2}`, payload, qos: index % 3 === 0 ? 2 : 1, packetId: index + 1 }
  })
  await publishAll(publisher, sent)
  const first = await receive(subscriber, 8)
  await subscriber.vanish()
  const again = await receive(await durable(stage), 8)
  assert.deepEqual(
    again.map(({ payload, packetId }) => [payload, packetId]),
    first.map(({ payload, packetId }) => [payload, packetId]),
  )
}

/** What was retained long ago and sent last is sent again last. */
export async function retainedAgainInOrder(stage: Stage): Promise<void> {
  const { name, connect } = stage
  const publisher = await connect()
  await publish(publisher, `${name}/retained`, 'old', { qos: 1, retain: true })
  const subscriber = await durable(stage)
  await subscribe(subscriber, `${name}/live`, 1)
  await publish(publisher, `${name}/live`, 'new', { qos: 1 })
  const first = [await subscriber.publish()]
  await subscribe(subscriber, `${name}/retained`, 1)
  first.push(await subscriber.publish())
  assert.deepEqual(payloads(first), ['new', 'old'])
  await subscriber.vanish()
  assert.deepEqual(payloads(await receive(await durable(stage), 2)), ['new', 'old'])
  await publish(publisher, `${name}/retained`, '', { retain: true })
}

const ids = [7, 3, 65_535, 1, 2, 500, 4]

export async function pubacksInOrder({ name, version, connect }: Stage): Promise<void> {
  const peer = await connect()
  peer.send(...ids.map((packetId) => publishPacket(version, `${name}/${packetId % 2}`, 'x', { qos: 1, packetId })))
  assert.deepEqual(await acknowledged(peer, 'PUBACK', ids.length), ids)
}

export async function pubrecsInOrder({ name, version, connect }: Stage): Promise<void> {
  const peer = await connect()
  peer.send(...ids.map((packetId) => publishPacket(version, `${name}/${packetId % 2}`, 'x', { qos: 2, packetId })))
  assert.deepEqual(await acknowledged(peer, 'PUBREC', ids.length), ids)
}

export async function pubrelsInOrder(stage: Stage): Promise<void> {
  const { name, connect } = stage
  const [subscriber, publisher] = [await durable(stage), await connect()]
  await subscribe(subscriber, name, 2)
  for (const payload of numbers(5)) await publish(publisher, name, payload, { qos: 2 })
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = (await receive(subscriber, 5)).map(({ packetId }) => packetId)
  const shuffled = [c, a, e, b, d]
  subscriber.send(...shuffled.map((packetId) => mqtt`50 02 ${u16(packetId)}`))
  assert.deepEqual(await acknowledged(subscriber, 'PUBREL', 5), shuffled)
}

/** One connection, many topics, every QoS: each topic and QoS by itself is in order. */
export async function everyTopicOrdered({ name, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, `${name}/#`, 2)
  await subscribe(subscriber, `$${name}/#`, 2)
  const sent = numbers(60).map((payload, index) => {
    // Two neighbours have topic and QoS in common.
    const topic = [`${name}/a`, `$${name}/b`, `${name}/c/d`][(index >> 1) % 3] ?? ''
    return { topic, payload, qos: (Math.floor(index / 6) % 3) as 0 | 1 | 2, packetId: index + 1 }
  })
  await publishAll(publisher, sent)
  const byTopicAndQoS = Map.groupBy(await take(subscriber, 60), ({ topic, qos }) => `${topic} ${qos}`)
  assert.equal(byTopicAndQoS.size, 9)
  for (const publishes of byTopicAndQoS.values()) {
    const came = publishes.map(({ payload }) => Number(payload))
    assert.deepEqual(
      came,
      came.toSorted((a, b) => a - b),
    )
  }
}

export async function publishedOrder(stage: Stage): Promise<void> {
  const { name, connect } = stage
  const [online, away, publisher] = [await connect(), await durable(stage), await connect()]
  await subscribe(online, `${name}/#`, 2)
  await subscribe(away, `${name}/#`, 2)
  await away.leave()
  for (const qos of [0, 1, 2] as const) {
    const topic = `${name}/${qos}`
    const sent = numbers(50).map((payload, index) => ({ topic, payload, qos, packetId: index + 1 }))
    await publishAll(publisher, sent)
    assert.deepEqual(payloads(await take(online, 50)), numbers(50))
  }
  const later = (await take(await durable(stage), 100)).map(({ qos, payload }) => `${qos} ${payload}`)
  for (const qos of ['1', '2'])
    assert.deepEqual(
      later.filter((came) => came.startsWith(qos)),
      numbers(50).map((payload) => `${qos} ${payload}`),
    )
}

interface Sent {
  readonly topic: string
  readonly payload: string
  readonly qos: 0 | 1 | 2
  readonly packetId: number
}

/** What every Receive Maximum that a server is likely to name has room for. */
const burst = 10

/** Publishes in bursts, and completes each: a server may deliver QoS 2 at PUBREL and not before. */
async function publishAll(peer: Peer, messages: readonly Sent[]): Promise<void> {
  for (let from = 0; from < messages.length; from += burst) {
    const sent = messages.slice(from, from + burst)
    peer.send(...sent.map(({ topic, payload, ...options }) => publishPacket(peer.version, topic, payload, options)))
    const open = sent.filter(({ qos }) => qos > 0).length + sent.filter(({ qos }) => qos === 2).length
    for (let answers = 0; answers < open; answers++) {
      const answer = await peer.next()
      if (answer.name === 'PUBREC') peer.send(mqtt`62 02 ${u16(acknowledgementOf(answer).packetId)}`)
    }
  }
}

async function acknowledged(peer: Peer, kind: 'PUBACK' | 'PUBREC' | 'PUBREL', count: number): Promise<number[]> {
  const packetIds: number[] = []
  while (packetIds.length < count) packetIds.push((await peer.acknowledgement(kind)).packetId)
  return packetIds
}
