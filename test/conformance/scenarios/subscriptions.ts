/** Sections 3.8 to 3.12: subscribing and unsubscribing, the same in both versions. */
import assert from 'node:assert/strict'
import { mqtt, u16 } from '../peer/bytes.ts'
import type { Peer } from '../peer/peer.ts'
import { publish, publishPacket, subscribe, unsubscribe } from '../peer/shorthand.ts'
import { publishOf, type SubscriptionAnswer, subscriptionAnswerOf } from '../peer/views.ts'
import type { Stage } from '../suite.ts'
import {
  durable,
  eachCloses,
  flagsBut0010,
  malformedPacket,
  noProperties,
  numbers,
  payloads,
  protocolError,
  receive,
  subscribeTo,
  unsubscribeFrom,
} from './support.ts'

const notText = [Buffer.of(0x61, 0xc3, 0x28), Buffer.of(0xed, 0xa0, 0x80), Buffer.of(0xc0, 0xaf), Buffer.of(0x61, 0x00)]

const flagsOf = (type: number) => (stage: Stage) => {
  const body = type === 8 ? subscribeTo(stage.version, 1, stage.name) : unsubscribeFrom(stage.version, 1, stage.name)
  return eachCloses(stage, flagsBut0010(type, body.subarray(1)), malformedPacket)
}
export const subscribeFlags = flagsOf(8)
export const unsubscribeFlags = flagsOf(10)

export const subscribeText = (stage: Stage): Promise<void> =>
  eachCloses(
    stage,
    notText.map((filter) => subscribeTo(stage.version, 1, filter)),
    malformedPacket,
  )

export const unsubscribeText = (stage: Stage): Promise<void> =>
  eachCloses(
    stage,
    notText.map((filter) => unsubscribeFrom(stage.version, 1, filter)),
    malformedPacket,
  )

export const subscribeEmpty = (stage: Stage): Promise<void> =>
  eachCloses(stage, [subscribeTo(stage.version, 1)], protocolError, malformedPacket)

export const unsubscribeEmpty = (stage: Stage): Promise<void> =>
  eachCloses(stage, [unsubscribeFrom(stage.version, 1)], protocolError, malformedPacket)

export async function subackAnswers({ name, version, connect }: Stage): Promise<void> {
  const peer = await connect()
  for (const packetId of [1, 999, 65_535, 2]) {
    peer.send(subscribeTo(version, packetId, `${name}/${packetId}`))
    const answer = subscriptionAnswerOf(await peer.expect('SUBACK'))
    assert.deepEqual([answer.packetId, answer.codes], [packetId, [0]])
  }
}

export async function replaces({ name, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, name, 2)
  await publish(publisher, name, 'two', { qos: 2 })
  assert.equal((await subscriber.publish()).qos, 2)
  await subscribe(subscriber, name, 0)
  await publish(publisher, name, 'zero', { qos: 2 })
  const came = (await subscriber.publishes()).map(({ payload, qos }) => [payload, qos])
  assert.deepEqual(came, [['zero', 0]])
  await unsubscribe(subscriber, name)
  await publish(publisher, name, 'none', { qos: 2 })
  await subscriber.silent()
}

/** Retained messages come again, and nothing is lost from a stream that goes on meanwhile. */
export async function replacesWithoutLoss({ name, version, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  await publish(publisher, `${name}/kept`, 'retained', { qos: 1, retain: true })
  const request = mqtt`82 __ 0101 ${noProperties(version)} ${`${name}/#`} 01`
  subscriber.send(request)
  await subscriber.expect('SUBACK')
  const stream = numbers(40).map((payload, index) =>
    publishPacket(version, `${name}/stream`, payload, { qos: 1, packetId: index + 1 }),
  )
  publisher.send(...stream)
  const came = new Set<string>()
  let retained = 0
  let answers = 1
  while (came.size < 40 || retained < answers || answers < 5) {
    const packet = await subscriber.next()
    if (packet.name === 'SUBACK') {
      answers++
      continue
    }
    const { payload, packetId } = publishOf(packet)
    subscriber.send(mqtt`40 02 ${u16(packetId)}`)
    if (payload === 'retained') retained++
    else if (came.add(payload).size % 10 === 5) subscriber.send(request)
  }
  assert.deepEqual([...came], numbers(40))
  assert.deepEqual([retained, answers], [5, 5])
  for (const _ of stream) await publisher.acknowledgement('PUBACK')
  await publish(publisher, `${name}/kept`, '', { retain: true })
}

export async function severalFilters({ name, version, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  const entries = mqtt`${`${name}/a`} 00 ${`${name}/b`} 01 ${`${name}/c`} 02 ${`${name}/a`} 02`
  subscriber.send(mqtt`82 __ 0a0b ${noProperties(version)} ${entries}`)
  const answer = subscriptionAnswerOf(await subscriber.expect('SUBACK'))
  assert.deepEqual([answer.packetId, answer.codes], [0x0a0b, [0, 1, 2, 2]])
  for (const level of ['a', 'b', 'c', 'd']) await publish(publisher, `${name}/${level}`, level, { qos: 2 })
  const came = (await receive(subscriber, 3)).map(({ payload, qos }) => [payload, qos])
  assert.deepEqual(came, [
    ['a', 2],
    ['b', 1],
    ['c', 2],
  ])
  await subscriber.silent()
}

export async function lowerOfBoth({ name, connect }: Stage): Promise<void> {
  const publisher = await connect()
  const levels = [0, 1, 2] as const
  const subscribers = await Promise.all(levels.map(() => connect()))
  for (const [granted, subscriber] of subscribers.entries()) await subscribe(subscriber, name, granted)
  for (const qos of levels) await publish(publisher, name, `${qos}`, { qos })
  for (const [granted, subscriber] of subscribers.entries()) {
    const came = (await receive(subscriber, 3)).map(({ payload, qos }) => [Number(payload), qos])
    assert.deepEqual(
      came,
      levels.map((qos) => [qos, Math.min(qos, granted)]),
    )
  }
}

export async function comparesCharacters({ name, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  const held = [`${name}/+`, `${name}/a`]
  for (const filter of held) await subscribe(subscriber, filter)
  for (const filter of [`${name}/#`, `${name}/b`, `${name}/A`, `${name}/`, `/${name}/a`, `${name}/+/`])
    await unsubscribe(subscriber, filter)
  await publish(publisher, `${name}/b`, 'still')
  assert.deepEqual(payloads(await subscriber.publishes()), ['still'])
  await unsubscribe(subscriber, `${name}/+`)
  await publish(publisher, `${name}/b`, 'no more')
  await publish(publisher, `${name}/a`, 'its own filter')
  assert.deepEqual(payloads(await subscriber.publishes()), ['its own filter'])
}

export async function addsNoMore(stage: Stage): Promise<void> {
  const { name, connect } = stage
  const [subscriber, publisher] = [await durable(stage), await connect()]
  await subscribe(subscriber, name, 2)
  await unsubscribe(subscriber, name)
  for (const qos of [0, 1, 2] as const) await publish(publisher, name, 'no', { qos })
  await subscriber.silent()
  await subscriber.leave()
  await publish(publisher, name, 'no', { qos: 1 })
  await (await durable(stage)).silent()
}

export async function completesDelivery(stage: Stage): Promise<void> {
  const { name, connect } = stage
  const [subscriber, publisher] = [await durable(stage), await connect()]
  await subscribe(subscriber, name, 2)
  await publish(publisher, name, 'one', { qos: 1 })
  await publish(publisher, name, 'two', { qos: 2 })
  const [one, two] = await receive(subscriber, 2)
  await unsubscribe(subscriber, name)
  await subscriber.vanish()
  const again = await durable(stage)
  const resent = await receive(again, 2)
  assert.deepEqual(payloads(resent), ['one', 'two'])
  assert.deepEqual(
    resent.map(({ packetId }) => packetId),
    [one?.packetId, two?.packetId],
  )
  again.send(mqtt`50 02 ${u16(two?.packetId ?? 0)}`)
  assert.equal((await again.acknowledgement('PUBREL')).packetId, two?.packetId)
}

export async function unsubackAnswers({ name, version, connect }: Stage): Promise<void> {
  const peer = await connect()
  await subscribe(peer, `${name}/999`)
  for (const packetId of [999, 1, 65_535]) {
    const { packetId: answered } = await unsubscribed(peer, unsubscribeFrom(version, packetId, `${name}/${packetId}`))
    assert.equal(answered, packetId)
  }
}

export async function severalUnsubscribed({ name, version, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  for (const level of ['a', 'b', 'c']) await subscribe(subscriber, `${name}/${level}`)
  const request = unsubscribeFrom(version, 77, `${name}/a`, `${name}/x`, `${name}/c`, `${name}/a`)
  const answer = await unsubscribed(subscriber, request)
  assert.deepEqual([answer.packetId, answer.codes], [77, version === 'v5' ? [0, 0x11, 0, 0x11] : []])
  for (const level of ['a', 'b', 'c']) await publish(publisher, `${name}/${level}`, level)
  assert.deepEqual(payloads(await subscriber.publishes()), ['b'])
}

async function unsubscribed(peer: Peer, request: Buffer): Promise<SubscriptionAnswer> {
  peer.send(request)
  return subscriptionAnswerOf(await peer.expect('UNSUBACK'))
}

export async function pong({ connect }: Stage): Promise<void> {
  const peer = await connect()
  peer.send(mqtt`c0 00`, mqtt`c0 00`, mqtt`c0 00`)
  for (const _ of numbers(3)) assert.equal((await peer.expect('PINGRESP')).hex, 'd000')
}
