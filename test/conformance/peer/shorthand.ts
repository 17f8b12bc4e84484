/** Packets for the parts of a test that it is not about. What a test is about it writes in bytes. */
import assert from 'node:assert/strict'
import type { Version } from '../statements/statement.ts'
import { mqtt, raw, text, u8, u16, u32 } from './bytes.ts'
import type { Peer } from './peer.ts'
import { type acknowledgementOf, type SubscriptionAnswer, subscriptionAnswerOf } from './views.ts'

export interface Will {
  readonly topic: string
  readonly payload?: string
  readonly qos?: 0 | 1 | 2
  readonly retain?: boolean
  /** The bytes of the will's properties, without their length. */
  readonly properties?: Uint8Array
}

export interface ConnectOptions {
  readonly clientId?: string
  /** Clean Start; in 3.1.1 Clean Session. Default: 1. */
  readonly clean?: boolean
  /** Default: 0, none. */
  readonly keepAliveSeconds?: number
  /** Adds the property. Without it a 5.0 session ends with its connection. */
  readonly sessionExpirySeconds?: number
  /** The bytes of further properties, without their length. */
  readonly properties?: Uint8Array
  readonly will?: Will
  readonly username?: string
  readonly password?: string
}

const nothing = Buffer.alloc(0)

export function connectPacket(version: Version, clientId: string, options: ConnectOptions = {}): Buffer {
  const { clean = true, keepAliveSeconds = 0, will, username, password } = options
  const flags =
    (clean ? 0x02 : 0) |
    (will === undefined ? 0 : 0x04 | ((will.qos ?? 0) << 3) | (will.retain ? 0x20 : 0)) |
    (password === undefined ? 0 : 0x40) |
    (username === undefined ? 0 : 0x80)
  const expiry = options.sessionExpirySeconds
  const properties = Buffer.concat([
    expiry === undefined ? nothing : mqtt`11 ${u32(expiry)}`,
    options.properties ?? nothing,
  ])
  const payload = Buffer.concat([
    text(clientId),
    will === undefined ? nothing : willFields(version, will),
    username === undefined ? nothing : text(username),
    password === undefined ? nothing : text(password),
  ])
  const level = u8(version === 'v5' ? 5 : 4)
  const block = version === 'v5' ? mqtt`{${properties}}` : nothing
  return mqtt`10 __ "MQTT" ${level} ${u8(flags)} ${u16(keepAliveSeconds)} ${block} ${payload}`
}

function willFields(version: Version, will: Will): Buffer {
  const properties = version === 'v5' ? mqtt`{${will.properties ?? nothing}}` : nothing
  return mqtt`${properties} ${will.topic} ${will.payload ?? 'gone'}`
}

export interface PublishOptions {
  readonly qos?: 0 | 1 | 2
  readonly retain?: boolean
  readonly duplicate?: boolean
  /** Default: 1. */
  readonly packetId?: number
  /** The bytes of the properties, without their length. */
  readonly properties?: Uint8Array
}

export function publishPacket(version: Version, topic: string, payload: string, options: PublishOptions = {}): Buffer {
  const { qos = 0, retain = false, duplicate = false, packetId = 1, properties = nothing } = options
  const first = 0x30 | (duplicate ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)
  const id = qos > 0 ? u16(packetId) : nothing
  return mqtt`${u8(first)} __ ${topic} ${id} ${version === 'v5' ? mqtt`{${properties}}` : nothing} ${raw(payload)}`
}

/** Publishes, and waits until the server has taken it: at QoS 2 the whole exchange, at QoS 0 a PINGRESP. */
export async function publish(peer: Peer, topic: string, payload: string, options: PublishOptions = {}): Promise<void> {
  const { qos = 0, packetId = 1 } = options
  peer.send(publishPacket(peer.version, topic, payload, options))
  if (qos === 0) return peer.silent()
  if (qos === 1) return succeeded(await peer.acknowledgement('PUBACK'), packetId)
  succeeded(await peer.acknowledgement('PUBREC'), packetId)
  peer.send(mqtt`62 02 ${u16(packetId)}`)
  succeeded(await peer.acknowledgement('PUBCOMP'), packetId)
}

/** 0x10 says that nobody listens, which is success. */
function succeeded({ packetId, code }: ReturnType<typeof acknowledgementOf>, expected: number): void {
  assert.equal(packetId, expected)
  assert.ok(code < 0x80, `refused with 0x${code.toString(16)}`)
}

/** Subscribes to one filter and waits for the SUBACK; `options` is the byte behind the filter: in 3.1.1 the QoS. */
export async function subscribe(peer: Peer, filter: string, options = 0): Promise<SubscriptionAnswer> {
  const properties = peer.version === 'v5' ? mqtt`{}` : nothing
  peer.send(mqtt`82 __ 7fff ${properties} ${filter} ${u8(options)}`)
  const answer = subscriptionAnswerOf(await peer.expect('SUBACK'))
  assert.deepEqual(answer.codes, [options & 3], `SUBSCRIBE to ${filter}`)
  return answer
}

export async function unsubscribe(peer: Peer, filter: string): Promise<SubscriptionAnswer> {
  const properties = peer.version === 'v5' ? mqtt`{}` : nothing
  peer.send(mqtt`a2 __ 7ffe ${properties} ${filter}`)
  return subscriptionAnswerOf(await peer.expect('UNSUBACK'))
}
