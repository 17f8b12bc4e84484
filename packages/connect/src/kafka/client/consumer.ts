/** A reader of Kafka that commits nothing by itself. */
import type { Readable } from 'node:stream'
import { disposable } from '@hawser/std'
import { Consumer, type ConsumerOptions } from '@platformatic/kafka'
import { clientOptions, type KafkaConnection } from './options.ts'

export type BytesConsumer = Consumer<Buffer, Buffer, Buffer, Buffer>

const waitMsMax = 100

/** `ownGroup` where it shares nothing with others. */
export function openConsumer(
  connection: KafkaConnection,
  groupId: string,
  further: Partial<ConsumerOptions<Buffer, Buffer, Buffer, Buffer>> = {},
): BytesConsumer {
  const options = { ...clientOptions(connection), groupId, autocommit: false, maxWaitTime: waitMsMax, ...further }
  const consumer: BytesConsumer = new Consumer(options)
  // What goes wrong with a connection is told by the call that needs it.
  consumer.on('error', () => undefined)
  return consumer
}

/** Until disposed of, the stream ends with the signal. */
export function endsWith(stream: Readable, signal: AbortSignal): Disposable {
  const end = (): void => void stream.destroy()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  return disposable(() => signal.removeEventListener('abort', end))
}

/** Of each partition, by `ListOffsetTimestamps`. */
export async function offsetsOf(
  consumer: BytesConsumer,
  topic: string,
  timestamp: bigint,
): Promise<ReadonlyMap<number, bigint>> {
  const found = await consumer.listOffsets({ topics: [topic], timestamp })
  return new Map((found.get(topic) ?? []).map((offset, partition) => [partition, offset]))
}
