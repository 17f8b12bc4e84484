/** One retained message: where its bytes stand, and what decides about it. */
import type { Partition, Position, PublishSource } from '@hawser/engine'
import type { SessionNumber, SteadyMicros } from '@hawser/std'

export interface RetainedMessage extends PublishSource {
  readonly topic: string
  readonly qos: 0 | 1 | 2
  /** A logical clock of all processes: the higher wins wherever they meet. 0 in records from before there were several. */
  readonly order: number
  /** From when on its expiry counts. */
  readonly steadyAt: SteadyMicros
  /** 0xFFFFFFFF: never. */
  readonly messageExpirySeconds: number
  /** 0: this process itself. */
  readonly publisher: SessionNumber
  readonly partition: Partition
  /** -1 where it is not in the log (`$SYS`). */
  readonly position: Position
}

export const isDeletion = ({ payloadStart, payloadEnd }: RetainedMessage): boolean => payloadEnd === payloadStart

/** What is in no log is only ever replaced. */
export function isNewer(one: RetainedMessage, other: RetainedMessage): boolean {
  if (one.position < 0 || other.position < 0) return true
  if (one.order !== other.order) return one.order > other.order
  if (one.partition !== other.partition) return one.partition > other.partition
  return one.position >= other.position
}

/** Topic, properties and payload. */
export const sizeOf = (message: RetainedMessage): number =>
  message.topicEnd -
  message.topicStart +
  (message.propertiesEnd - message.propertiesStart) +
  (message.payloadEnd - message.payloadStart)
