/** Writes one PUBLISH into one connection's output, within what that client takes. */
import { type ProtocolVersion, type PublishDelivery, publishBytes, type QoS, writePublish } from '@hawser/codec'
import type { PublishSource } from '@hawser/engine'
import type { Counters } from '../counters.ts'
import type { DropReason } from '../measure/drop-reasons.ts'
import type { Route } from '../router/route.ts'
import type { Connection } from '../session/connection.ts'

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

export const noIdentifiers: readonly number[] = []

export class PublishSender {
  readonly #counters: Counters
  /** One object for all packets: filled for each, read by the codec at once. */
  readonly #delivery: Mutable<PublishDelivery> = {
    version: 4,
    qos: 0,
    retain: false,
    duplicate: false,
    packetId: 0,
    messageExpirySeconds: -1,
    subscriptionIdentifiers: noIdentifiers,
    topicAlias: 0,
    topicOmitted: false,
  }

  constructor(counters: Counters) {
    this.#counters = counters
  }

  /** Answers why, where the client cannot be sent it: that drop is counted. [MQTT-3.1.2-25] */
  send(
    connection: Connection,
    message: PublishSource,
    qos: QoS,
    retain: boolean,
    duplicate: boolean,
    packetId: number,
    messageExpirySeconds: number,
    identifiers: readonly number[],
    route: Route | undefined,
  ): DropReason | undefined {
    const source = this.told(connection, message)
    if (source === undefined) return 'outside-mount-point'
    const delivery = this.#fill(connection.version, qos, retain, duplicate, packetId, messageExpirySeconds, identifiers)
    if (route !== undefined && connection.outboundAliases !== undefined) {
      connection.outboundAliases.choose(route, delivery)
    }
    const bytes = publishBytes(source, delivery)
    if (bytes > connection.maximumPacketBytes) {
      this.#counters.dropped['packet-too-large']++
      if (route !== undefined && delivery.topicAlias > 0 && !delivery.topicOmitted) {
        connection.outboundAliases?.forget(route, delivery.topicAlias)
      }
      return 'packet-too-large'
    }
    const { output } = connection
    const at = output.reserve(bytes)
    writePublish(output.target, at, source, delivery)
    this.#counters.publishesSent[qos]++
    this.#counters.publishBytesSent += source.payloadEnd - source.payloadStart
    connection.publishesSent++
    return undefined
  }

  /** The message as its client names it; undefined, and counted, where it has no name for it. */
  told({ mount }: Connection, message: PublishSource): PublishSource | undefined {
    if (mount === undefined) return message
    const told = mount.told(message)
    if (told === undefined) this.#counters.dropped['outside-mount-point']++
    return told
  }

  /**
   * Encodes a QoS 0 message for all receivers of one wire version: the caller shares the bytes. [MQTT-4.3.1-1]
   * v3.1.1 [MQTT-4.3.1-1]
   */
  encodeShared(
    version: ProtocolVersion,
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
    place: (bytes: number) => { readonly buffer: Buffer; readonly start: number },
  ): void {
    const delivery = this.#fill(version, 0, retain, false, 0, messageExpirySeconds, noIdentifiers)
    const { buffer, start } = place(publishBytes(source, delivery))
    writePublish(buffer, start, source, delivery)
  }

  /** The packet alone, for what is sent only after a commit. */
  encode(
    version: ProtocolVersion,
    source: PublishSource,
    qos: QoS,
    retain: boolean,
    duplicate: boolean,
    packetId: number,
    messageExpirySeconds: number,
    identifiers: readonly number[],
  ): Buffer {
    const delivery = this.#fill(version, qos, retain, duplicate, packetId, messageExpirySeconds, identifiers)
    const packet = Buffer.allocUnsafe(publishBytes(source, delivery))
    writePublish(packet, 0, source, delivery)
    return packet
  }

  /**
   * DUP says that it was sent before; the first time it was not. [MQTT-4.3.2-2] [MQTT-4.3.3-2]
   * v3.1.1 [MQTT-4.3.2-1] [MQTT-4.3.3-1]
   */
  /** Nothing of the packet that brought the message but its topic and payload. [MQTT-3.3.1-3]; v3.1.1 [MQTT-3.3.1-3] */
  #fill(
    version: ProtocolVersion,
    qos: QoS,
    retain: boolean,
    duplicate: boolean,
    packetId: number,
    messageExpirySeconds: number,
    identifiers: readonly number[],
  ): Mutable<PublishDelivery> {
    const delivery = this.#delivery
    delivery.version = version
    delivery.qos = qos
    delivery.retain = retain
    delivery.duplicate = duplicate
    delivery.packetId = packetId
    delivery.messageExpirySeconds = messageExpirySeconds
    delivery.subscriptionIdentifiers = identifiers
    delivery.topicAlias = 0
    delivery.topicOmitted = false
    return delivery
  }
}
