import type { Partition, Position, PublishView } from '@hawser/engine'
import type { RetainedMessage } from '../router/retained-message.ts'

/** A record as a retained message: its bytes are the record's, and whoever keeps it copies them. */
export const retainedOf = (
  view: PublishView,
  topic: string,
  partition: Partition,
  position: Position,
): RetainedMessage => ({
  topic,
  buffer: view.buffer,
  topicStart: view.topicStart,
  topicEnd: view.topicEnd,
  propertiesStart: view.propertiesStart,
  propertiesEnd: view.propertiesEnd,
  payloadStart: view.payloadStart,
  payloadEnd: view.payloadEnd,
  qos: view.qos,
  order: view.order,
  steadyAt: view.steadyAt,
  messageExpirySeconds: view.messageExpirySeconds,
  publisher: view.session,
  partition,
  position,
})
