/** From the log's records to batches of messages that own their bytes. */
import {
  type FilterSpan,
  type MessageLog,
  neverExpires,
  type Partition,
  type Position,
  PublishView,
  position,
  type RecordBatch,
  recordKind,
  recordKindAt,
} from '@hawser/engine'
import type { Message } from '../connector.ts'
import type { RunnerLimits } from './limits.ts'

/** The matching messages up to `until`, which is where the next read begins. */
export interface ReadBatch {
  readonly messages: readonly Message[]
  readonly until: Position
}

/** A filter that counts over the whole log. */
export const everywhere = (filter: string): FilterSpan => ({
  filter,
  since: position(0),
  until: position(Number.POSITIVE_INFINITY),
})

export interface ReadRange {
  readonly partition: Partition
  readonly from: Position
  readonly end: Position
}

/** Reads [from, end). The last batch ends at `end`, also without messages, so that the cursor passes foreign records. */
export async function* readMessages(
  log: MessageLog,
  { partition, from, end }: ReadRange,
  spans: readonly FilterSpan[],
  limits: Pick<RunnerLimits, 'batchMessagesMax' | 'batchBytesMax'>,
  signal: AbortSignal,
): AsyncGenerator<ReadBatch> {
  let messages: Message[] = []
  let batchBytes = 0
  for await (const records of log.find(partition, from, spans, signal)) {
    for (let index = 0; index < records.count; index++) {
      const at = positionAt(records, index)
      if (at >= end) return yield { messages, until: end }
      // A search finds barriers too.
      if (recordKindAt(records.bytes, records.offsets[index] ?? 0) !== recordKind.publish) continue
      const message = messageAt(records, index, at)
      messages.push(message)
      batchBytes += message.payload.length
      if (messages.length < limits.batchMessagesMax && batchBytes < limits.batchBytesMax) continue
      yield { messages, until: position(at + 1) }
      messages = []
      batchBytes = 0
    }
  }
  yield { messages, until: end }
}

const positionAt = (records: RecordBatch, index: number): Position => position(records.positions[index] ?? 0)

const view = new PublishView()
const noProperties = Buffer.alloc(0)

const propertiesOf = ({ buffer, propertiesStart, propertiesEnd }: PublishView): Buffer =>
  propertiesStart === propertiesEnd ? noProperties : Buffer.from(buffer.subarray(propertiesStart, propertiesEnd))

function messageAt(records: RecordBatch, index: number, at: Position): Message {
  view.moveTo(records.bytes, records.offsets[index] ?? 0)
  return {
    partition: records.partition,
    position: at,
    topic: view.topic,
    qos: view.qos,
    retain: view.retain,
    clientId: view.clientId,
    ingestedAt: view.publishedAt,
    properties: propertiesOf(view),
    payload: view.payload(),
    ...(view.messageExpirySeconds === neverExpires ? {} : { expirySeconds: view.messageExpirySeconds }),
  }
}
