/** Reads what a topic holds now, from its start to its end; it commits nothing and leaves nothing behind. */
import { ListOffsetTimestamps, MessagesStreamModes } from '@platformatic/kafka'
import { offsetsOf, openConsumer } from './consumer.ts'
import { type KafkaConnection, ownGroup } from './options.ts'

export interface TopicRecord {
  readonly partition: number
  readonly offset: number
  readonly key: string
  /** Null: a tombstone. */
  readonly value: Buffer | null
  readonly headers: ReadonlyMap<string, string>
}

export async function* readTopic(connection: KafkaConnection, topic: string): AsyncGenerator<TopicRecord> {
  const consumer = openConsumer(connection, ownGroup(connection, topic))
  try {
    const starts = await offsetsOf(consumer, topic, ListOffsetTimestamps.EARLIEST)
    const ends = await offsetsOf(consumer, topic, ListOffsetTimestamps.LATEST)
    const open = new Set(
      [...ends].flatMap(([partition, end]) => ((starts.get(partition) ?? 0n) < end ? [partition] : [])),
    )
    if (open.size === 0) return
    const offsets = [...starts].map(([partition, offset]) => ({ topic, partition, offset }))
    const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.MANUAL, offsets })
    for await (const { partition, offset, key, value, headers } of stream) {
      const texts = new Map([...headers].map(([name, content]) => [String(name), String(content)]))
      yield { partition, offset: Number(offset), key: String(key), value: value ?? null, headers: texts }
      if (offset + 1n >= (ends.get(partition) ?? 0n)) open.delete(partition)
      if (open.size === 0) return
    }
  } finally {
    await consumer.close(true).catch(() => undefined)
  }
}
