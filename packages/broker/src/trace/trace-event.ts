/** What a trace tells: packets as an operator reads them, and what became of connections. Never a payload, never a secret. */
import { type AcknowledgementPacket, type ControlPacket, type PublishFrame, reasonCodeName } from '@hawser/codec'

export interface TraceEvent {
  /** Microseconds since 1970. */
  readonly at: number
  /** `in`: from the client. `event`: something that happened to it. */
  readonly direction: 'in' | 'out' | 'event'
  readonly clientId: string
  /** `address:port`. */
  readonly address: string
  /** `PUBLISH`, `CONNACK`, …; of an event its kind. */
  readonly what: string
  readonly details: TraceDetails
}

export type TraceDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>

export interface TracedPacket {
  readonly what: string
  /** Undefined where the packet is about no topic. */
  readonly topic?: string
  readonly details: TraceDetails
}

/** `topic`: what the frame says, or what its alias stands for. */
export function tracedPublish(frame: PublishFrame, topic: string): TracedPacket {
  const { qos, retain, duplicate, packetId, topicAlias, payloadStart, payloadEnd, messageExpirySeconds } = frame
  return {
    what: 'PUBLISH',
    topic,
    details: {
      topic,
      qos,
      payloadBytes: payloadEnd - payloadStart,
      ...(packetId > 0 && { packetId }),
      ...(retain && { retain }),
      ...(duplicate && { dup: true }),
      ...(topicAlias > 0 && { topicAlias }),
      ...(messageExpirySeconds >= 0 && { messageExpirySeconds }),
    },
  }
}

export const tracedAcknowledgement = (
  type: AcknowledgementPacket['type'],
  packetId: number,
  code: number,
): TracedPacket => ({
  what: type.toUpperCase(),
  details: { packetId, ...(code > 0 && { reason: reasonCodeName(code) }) },
})

export const tracedControl = (packet: ControlPacket): TracedPacket => ({
  what: packet.type.toUpperCase(),
  details: detailsOf(packet),
})

function detailsOf(packet: ControlPacket): TraceDetails {
  switch (packet.type) {
    case 'connect': {
      const { clientId, version, cleanStart, keepAliveSeconds, username, will } = packet
      return {
        ...{ clientId, version, cleanStart, keepAliveSeconds },
        ...(username !== undefined && { username }),
        ...(will !== undefined && { willTopic: will.topic }),
      }
    }
    case 'connack':
      return { sessionPresent: packet.sessionPresent, reason: reasonCodeName(packet.reasonCode) }
    case 'subscribe':
      return { packetId: packet.packetId, filters: packet.subscriptions.map(({ filter, qos }) => `${filter} ${qos}`) }
    case 'suback':
    case 'unsuback':
      return { packetId: packet.packetId, reasons: packet.reasonCodes.map(reasonCodeName) }
    case 'unsubscribe':
      return { packetId: packet.packetId, filters: packet.filters }
    case 'disconnect':
      return { reason: reasonCodeName(packet.reasonCode) }
    case 'auth':
      return { reason: reasonCodeName(packet.reasonCode) }
    case 'pingreq':
    case 'pingresp':
      return {}
    default:
      throw packet satisfies never
  }
}
