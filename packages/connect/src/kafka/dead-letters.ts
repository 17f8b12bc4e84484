/**
 * The dead-letter topic: one record for each message that was refused, keyed by its event id, with reason and context
 * in headers. It is compacted, and a tombstone takes back what has been written after all.
 */
import { type LogId, partition, position } from '@hawser/engine'
import type { DeadLetter, Message } from '../connector.ts'
import { RecordSource } from '../message/source.ts'
import type { ProducedMessage, TopicSettings } from './client/kafka-client.ts'
import type { TopicRecord } from './client/read-topic.ts'
import { contextHeaders, type Headers } from './record/record.ts'

export const deadLetterSettings = (replicas: number | undefined): TopicSettings => ({
  partitions: 1,
  replicas,
  settings: { 'cleanup.policy': 'compact' },
})

/** Of a payload that is too large for Kafka the log has the rest. */
const payloadBytesMax = 256 << 10
/** As many live ones are listed at most, so that a topic full of them costs bounded memory. */
const listedMax = 10_000

export function deadLetterRecord(
  topic: string,
  logId: LogId,
  { message, reason }: { readonly message: Message; readonly reason: string },
  bridgeId: string,
): ProducedMessage {
  const source = new RecordSource(logId, message)
  const { payload } = message
  const headers: Headers = new Map([[Buffer.from('reason'), Buffer.from(reason)]])
  contextHeaders(headers, source, bridgeId)
  headers.set(Buffer.from('payload_bytes'), Buffer.from(String(payload.length)))
  const value = payload.subarray(0, payloadBytesMax)
  return { topic, key: Buffer.from(source.eventId), value, headers, partition: 0 }
}

export function takenBack(topic: string, logId: LogId, message: Message): ProducedMessage {
  const key = Buffer.from(new RecordSource(logId, message).eventId)
  // The client's types know no record without value; the protocol and its writer do.
  return { topic, key, value: undefined as unknown as Buffer, partition: 0 }
}

/** What is refused still, the oldest first. */
export function liveLetters(records: Iterable<TopicRecord>, limit: number): readonly DeadLetter[] {
  const live = new Map<string, DeadLetter>()
  for (const { key, value, headers } of records) {
    const letter = value === null ? undefined : letterOf(key, headers)
    if (letter === undefined) live.delete(key)
    else if (live.size < listedMax || live.has(key)) live.set(key, letter)
  }
  return [...live.values()].slice(0, limit)
}

/** Undefined where the record is none of ours. */
function letterOf(eventId: string, headers: ReadonlyMap<string, string>): DeadLetter | undefined {
  const [, logId, of, at] = /^(.+)\/(\d+)\/(\d+)$/.exec(eventId) ?? []
  if (logId === undefined) return undefined
  return {
    logId: logId as LogId,
    partition: partition(Number(of)),
    position: position(Number(at)),
    topic: headers.get('mqtt_topic') ?? '',
    reason: headers.get('reason') ?? '',
  }
}
