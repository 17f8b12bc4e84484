/** Records as a contract suite writes them and compares them: plain values, copied out of the log's memory. */

import { type FilterSpan, type MessageLog, type Position, position, type RecordBatch, reserveRefused } from '../log.ts'
import { recordEnd, recordFlagsAt, recordKind, recordKindAt, recordTopicEnd, recordTopicStart } from '../record.ts'

export interface PlainRecord {
  readonly kind: number
  readonly flags: number
  readonly topic: string
  readonly body: string
}

export interface StoredRecord extends PlainRecord {
  readonly position: number
}

export const publishRecord = (topic: string, body: string, flags = 0): PlainRecord => ({
  kind: recordKind.publish,
  flags,
  topic,
  body,
})

/** Appends a record and answers its ticket. */
export function append(log: MessageLog, record: PlainRecord): number {
  const topic = Buffer.from(record.topic)
  const body = Buffer.from(record.body)
  const at = log.reserve(record.kind, record.flags, topic.length, body.length)
  if (at === reserveRefused) throw new Error(`the log refused a record: it is ${log.status.kind}`)
  topic.copy(log.buffer, at)
  body.copy(log.buffer, at + topic.length)
  return log.lastTicket
}

export function recordsOf(batch: RecordBatch): StoredRecord[] {
  const { bytes } = batch
  return Array.from({ length: batch.count }, (_, index) => {
    const at = batch.offsets[index] ?? Number.NaN
    return {
      position: batch.positions[index] ?? Number.NaN,
      kind: recordKindAt(bytes, at),
      flags: recordFlagsAt(bytes, at),
      topic: bytes.toString('utf8', recordTopicStart(at), recordTopicEnd(bytes, at)),
      body: bytes.toString('utf8', recordTopicEnd(bytes, at), recordEnd(bytes, at)),
    }
  })
}

export async function collect(batches: AsyncIterable<RecordBatch>): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for await (const batch of batches) all.push(...recordsOf(batch))
  return all
}

export const readOwn = (log: MessageLog, from = 0): Promise<StoredRecord[]> =>
  collect(log.read(log.own, position(from)))

/** Resolves once the record with `ticket` is committed. To be called before the event loop gets its turn. */
export function committed(log: MessageLog, ticket = log.lastTicket): Promise<void> {
  return new Promise((resolve) => {
    const listening = log.onCommit((batch) => {
      if (batch.firstTicket < 0 || batch.firstTicket + batch.count <= ticket) return
      listening[Symbol.dispose]()
      resolve()
    })
  })
}

/** Appends all and waits until they are committed. */
export async function commitAll(log: MessageLog, records: readonly PlainRecord[]): Promise<void> {
  if (records.length === 0) return
  for (const record of records) append(log, record)
  await committed(log)
}

export const span = (filter: string, since = 0, until = Number.POSITIVE_INFINITY): FilterSpan => ({
  filter,
  since: position(since),
  until: until as Position,
})
