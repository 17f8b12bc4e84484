import type { Partition, Position, PublishView } from '@hawser/engine'
import type { RetainedMessage } from '../router/retained.ts'

/** A retained message with bytes of its own: topic, properties and payload, in this order. */
export function copyRetained(
  view: PublishView,
  topic: string,
  partition: Partition,
  position: Position,
): RetainedMessage {
  const topicBytes = view.topicEnd - view.topicStart
  const propertiesBytes = view.propertiesEnd - view.propertiesStart
  const payloadBytes = view.payloadEnd - view.payloadStart
  const buffer = Buffer.allocUnsafeSlow(topicBytes + propertiesBytes + payloadBytes)
  view.buffer.copy(buffer, 0, view.topicStart, view.topicEnd)
  view.buffer.copy(buffer, topicBytes, view.propertiesStart, view.propertiesEnd)
  view.buffer.copy(buffer, topicBytes + propertiesBytes, view.payloadStart, view.payloadEnd)
  return {
    topic,
    buffer,
    topicStart: 0,
    topicEnd: topicBytes,
    propertiesStart: topicBytes,
    propertiesEnd: topicBytes + propertiesBytes,
    payloadStart: topicBytes + propertiesBytes,
    payloadEnd: buffer.length,
    qos: view.qos,
    order: view.order,
    steadyAt: view.steadyAt,
    messageExpirySeconds: view.messageExpirySeconds,
    publisher: view.session,
    partition,
    position,
  }
}
