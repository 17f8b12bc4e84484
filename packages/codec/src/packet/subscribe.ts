/** SUBSCRIBE, section 3.8. */
import { malformed, protocolError } from '../fault.ts'
import type { ProtocolVersion, QoS, RetainHandling, SubscribePacket, Subscription } from '../packets.ts'
import { encodeProperties } from '../properties/encode.ts'
import type { PacketReader } from '../reader.ts'
import { checkTopicFilter, isSharedFilter } from '../topic.ts'
import { ByteWriter } from '../writer.ts'

const option = {
  qosMask: 0b0000_0011,
  noLocal: 0b0000_0100,
  retainAsPublished: 0b0000_1000,
  reserved: 0b1100_0000,
} as const
const retainHandlingShift = 4

export function decodeSubscribe(reader: PacketReader): SubscribePacket | undefined {
  const packetId = reader.packetId()
  const properties = reader.properties('subscribe')
  const subscriptions: Subscription[] = []
  while (reader.bytesLeft > 0) subscriptions.push(readSubscription(reader))
  // v3.1.1 [MQTT-3.8.3-3]
  if (subscriptions.length === 0) reader.fail(protocolError('subscribe without a topic filter [MQTT-3.8.3-2]'))
  return reader.finish({ type: 'subscribe', packetId, subscriptions, properties })
}

function readSubscription(reader: PacketReader): Subscription {
  // [MQTT-3.8.3-1] v3.1.1 [MQTT-3.8.3-1]
  const filter = reader.text('topic filter')
  const options = reader.byte('subscription options')
  const filterFault = checkTopicFilter(filter)
  if (filterFault !== undefined) reader.fail(filterFault)

  const qos = options & option.qosMask
  const retainHandling = (options >> retainHandlingShift) & 0b11
  if (reader.version === 5) {
    if ((options & option.reserved) !== 0) reader.fail(malformed('reserved subscription options [MQTT-3.8.3-5]'))
    // Section 3.8.3.1.
    if (qos === 3) reader.fail(protocolError('subscription with QoS 3'))
    if (retainHandling === 3) reader.fail(protocolError('subscription with retain handling 3'))
    if ((options & option.noLocal) !== 0 && isSharedFilter(filter))
      reader.fail(protocolError('a shared subscription with No Local [MQTT-3.8.3-4]'))
  } else if (options > 2) {
    reader.fail(malformed('subscription QoS is not 0, 1 or 2 v3.1.1 [MQTT-3.8.3-4]'))
  }
  return {
    filter,
    qos: qos as QoS,
    noLocal: (options & option.noLocal) !== 0,
    retainAsPublished: (options & option.retainAsPublished) !== 0,
    retainHandling: retainHandling as RetainHandling,
  }
}

export function encodeSubscribe(packet: SubscribePacket, version: ProtocolVersion): Buffer {
  const writer = new ByteWriter().uint16(packet.packetId)
  if (version === 5) writer.lengthAndProperties(encodeProperties(packet.properties))
  for (const subscription of packet.subscriptions)
    writer.text(subscription.filter).byte(version === 5 ? optionsOf(subscription) : subscription.qos)
  return writer.packet(0x82)
}

const optionsOf = ({ qos, noLocal, retainAsPublished, retainHandling }: Subscription): number =>
  qos |
  (noLocal ? option.noLocal : 0) |
  (retainAsPublished ? option.retainAsPublished : 0) |
  (retainHandling << retainHandlingShift)
