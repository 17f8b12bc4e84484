/**
 * Where a group begins that has committed nothing is committed at once: else what comes while nobody is there, before
 * a first record was read, would lie before the newest of the next start.
 */
import type { MessagesStream } from '@platformatic/kafka'
import type { BytesConsumer } from '../client/consumer.ts'
import type { Offset } from './progress.ts'

type BytesStream = Pick<MessagesStream<Buffer, Buffer, Buffer, Buffer>, 'offsetsCommitted'>

const nothing = 0n

/** Of partitions that are this member's, where it has begun to read them, and its group has committed nothing. */
export async function uncommitted(consumer: BytesConsumer, stream: BytesStream): Promise<readonly Offset[]> {
  const begun = [...stream.offsetsCommitted].map(([key, offset]): Offset => {
    const at = key.lastIndexOf(':')
    return { topic: key.slice(0, at), partition: Number(key.slice(at + 1)), offset }
  })
  if (begun.length === 0) return []
  const topics = Map.groupBy(begun, ({ topic }) => topic)
  const asked = Array.from(topics, ([topic, ours]) => ({ topic, partitions: ours.map(({ partition }) => partition) }))
  const committed = await consumer.listCommittedOffsets({ topics: asked })
  return begun.filter(({ topic, partition }) => (committed.get(topic)?.[partition] ?? -1n) < nothing)
}
