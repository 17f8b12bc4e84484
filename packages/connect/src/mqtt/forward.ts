/** One record of the log as a publish to another broker, or why it is none. */
import { decodeProperties, encodeProperties } from '@hawser/codec'
import type { LogId } from '@hawser/engine'
import type { EpochMicros } from '@hawser/std'
import { eventId, type Message } from '../connector.ts'
import { eventIdOf } from '../message/event-id.ts'
import type { PublishOptions } from './client/outgoing.ts'
import { type LinkNames, namesOf, originOf, withOrigin } from './origin.ts'
import type { PeerBounds } from './peer.ts'
import { type Prefixes, toRemote } from './topic-map.ts'

export interface ForwardForm {
  readonly names: LinkNames
  readonly prefixes: Prefixes
  readonly qosMax: 0 | 1 | 2
  readonly retain: boolean
  /** Only MQTT 5 carries properties. */
  readonly properties: boolean
  /** Logs and links that a message may have passed. */
  readonly hopsMax: number
}

export type Forward =
  | { readonly kind: 'publish'; readonly topic: string; readonly options: PublishOptions }
  /** It came by this very link, or is there without it. */
  | { readonly kind: 'returning' }
  /** [MQTT-3.3.2-5] */
  | { readonly kind: 'expired' }
  | { readonly kind: 'refused'; readonly reason: string }

/** Fixed header, lengths, packet identifier and Message Expiry Interval. */
const headBytesMax = 18

export function forwardOf(
  form: ForwardForm,
  bounds: PeerBounds,
  logId: LogId,
  message: Message,
  now: EpochMicros,
): Forward {
  const given = decodeProperties(message.properties, 0, message.properties.length)
  const { userProperties = [] } = given
  const origin = originOf(userProperties)
  if (namesOf(form.names, logId, bounds.logId).some((name) => origin.includes(name))) return { kind: 'returning' }
  const expirySeconds = secondsLeft(message, now)
  if (expirySeconds !== undefined && expirySeconds <= 0) return { kind: 'expired' }
  if (origin.length >= form.hopsMax) return { kind: 'refused', reason: `too-many-hops: ${origin.length}` }
  const topic = toRemote(form.prefixes, message.topic)
  if (topic === undefined) return { kind: 'refused', reason: `no-prefix: ${form.prefixes.local}` }
  const bytes = headBytesMax + Buffer.byteLength(topic) + message.properties.length + message.payload.length
  if (bytes > bounds.packetBytesMax) {
    return { kind: 'refused', reason: `too-large: ${bytes} bytes of ${bounds.packetBytesMax}` }
  }
  const qos = Math.min(message.qos, form.qosMax, bounds.qosMax) as 0 | 1 | 2
  const retain = message.retain && form.retain && bounds.retains
  if (!form.properties) return { kind: 'publish', topic, options: { qos, retain } }
  const { mesh } = form.names
  const chain = [...origin, logId, ...(mesh === undefined ? [] : [mesh])]
  const marked = withOrigin(userProperties, chain, eventIdOf(userProperties) ?? eventId(logId, message))
  const properties = encodeProperties({ ...given, userProperties: marked })
  return {
    kind: 'publish',
    topic,
    options: { qos, retain, properties, ...(expirySeconds === undefined ? {} : { expirySeconds }) },
  }
}

/** What it has waited here is taken off. [MQTT-3.3.2-6] A clock that has been put back makes nothing older. */
function secondsLeft({ expirySeconds, ingestedAt }: Message, now: EpochMicros): number | undefined {
  if (expirySeconds === undefined) return undefined
  return expirySeconds - Math.max(0, Math.floor((now - ingestedAt) / 1e6))
}
