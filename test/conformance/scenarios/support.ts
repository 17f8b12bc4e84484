/** What scenarios of both versions share. */
import assert from 'node:assert/strict'
import { allowAll } from '../../../packages/broker/src/access.ts'
import { mqtt, raw, text, u8, u16, u32 } from '../peer/bytes.ts'
import type { Peer } from '../peer/peer.ts'
import type { ConnectOptions } from '../peer/shorthand.ts'
import { acknowledgementOf, disconnectOf, type Publish, publishOf, subscriptionAnswerOf } from '../peer/views.ts'
import type { Version } from '../statements/statement.ts'
import type { OwnBroker, Stage } from '../suite.ts'

/** Where 5.0 has a property length and 3.1.1 has nothing. */
export const noProperties = (version: Version): Buffer => (version === 'v5' ? mqtt`{}` : raw(''))

export const malformedPacket = 0x81
export const protocolError = 0x82
export const topicFilterInvalid = 0x8f
export const topicNameInvalid = 0x90

/** A client that takes no packet of more bytes: CONNACK has room, what one would like to say has hardly any. */
export const tightBytes = 40
export const tight = mqtt`27 ${u32(tightBytes)}`

/** A session that outlives its connections. */
export function durable(stage: Stage, options: ConnectOptions = {}): Promise<Peer> {
  return stage.connect({ clientId: `${stage.name}durable`, clean: false, sessionExpirySeconds: 3_600, ...options })
}

/** SUBSCRIBE to filters that are given as bytes, so that they need not be text. */
export function subscribeTo(version: Version, packetId: number, ...filters: readonly (string | Uint8Array)[]): Buffer {
  const entries = filters.map((filter) => mqtt`${lengthPrefixed(filter)} 00`)
  return mqtt`82 __ ${u16(packetId)} ${noProperties(version)} ${Buffer.concat(entries)}`
}

export function unsubscribeFrom(
  version: Version,
  packetId: number,
  ...filters: readonly (string | Uint8Array)[]
): Buffer {
  return mqtt`a2 __ ${u16(packetId)} ${noProperties(version)} ${Buffer.concat(filters.map(lengthPrefixed))}`
}

const lengthPrefixed = (value: string | Uint8Array): Buffer =>
  typeof value === 'string' ? text(value) : Buffer.concat([u16(value.length), value])

/** A filter that must not be taken: the server closes, or answers with a failure in SUBACK. */
export async function refusesFilter(stage: Stage, filter: string | Uint8Array): Promise<void> {
  const peer = await stage.connect()
  peer.send(subscribeTo(stage.version, 1, filter))
  const answer = await peer.next().catch(() => undefined)
  if (answer === undefined) return
  if (answer.name === 'SUBACK') assert.ok((subscriptionAnswerOf(answer).codes[0] ?? 0) >= 0x80, `${filter} was taken`)
  else {
    assert.ok([malformedPacket, protocolError, topicFilterInvalid].includes(disconnectOf(answer).code), `${answer}`)
    await peer.ending()
  }
}

/** The server closes on these bytes. Each on a connection of its own, all at the same time. */
export async function eachCloses(
  stage: Stage,
  packets: readonly Uint8Array[],
  ...codes: readonly number[]
): Promise<void> {
  const closing = packets.map(async (packet) => {
    const peer = await stage.connect()
    peer.send(packet)
    const { before } = await peer.closes(...codes)
    assert.deepEqual(before.map(String), [], Buffer.from(packet).toString('hex'))
  })
  await Promise.all(closing)
}

/** Flags that a packet whose flags are 0010 must not have. */
export const flagsBut0010 = (type: number, rest: Uint8Array): Buffer[] =>
  Array.from({ length: 16 }, (_, flags) => flags)
    .filter((flags) => flags !== 2)
    .map((flags) => Buffer.concat([u8((type << 4) | flags), rest]))

/** A broker where nobody may do this with a topic or filter that ends in `no`. */
export const withoutRight = (right: 'publish' | 'subscribe') => (): OwnBroker => ({
  access: { ...allowAll, authorize: (_identity, action, topic) => action !== right || !topic.endsWith('no') },
})

/** The next `count` PUBLISH packets, and nothing between them. */
export async function receive(peer: Peer, count: number): Promise<Publish[]> {
  const publishes: Publish[] = []
  while (publishes.length < count) publishes.push(await peer.publish())
  return publishes
}

/** The same, and acknowledges each: a server may hold back what is too much in flight. */
export async function take(peer: Peer, count: number): Promise<Publish[]> {
  const publishes: Publish[] = []
  while (publishes.length < count) {
    const packet = await peer.next()
    if (packet.name === 'PUBLISH') {
      const publish = publishOf(packet)
      publishes.push(publish)
      if (publish.qos > 0) peer.send(mqtt`${u8(publish.qos === 1 ? 0x40 : 0x50)} 02 ${u16(publish.packetId)}`)
    } else if (packet.name === 'PUBREL') {
      peer.send(mqtt`70 02 ${u16(acknowledgementOf(packet).packetId)}`)
    } else throw new Error(`${packet} instead of PUBLISH`)
  }
  return publishes
}

export const payloads = (publishes: readonly Publish[]): string[] => publishes.map(({ payload }) => payload)

export const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`)
