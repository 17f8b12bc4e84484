/**
 * Follows a topic: each record of each partition once, in its order, from its end or its start on, through outages of
 * the cluster. It commits nothing: its group is of its own, and goes with it.
 */

import { type Clock, type Milliseconds, milliseconds, type Random, sleep } from '@hawser/std'
import { Admin, ListOffsetTimestamps, MessagesStreamModes } from '@platformatic/kafka'
import { backoffMs } from '../../runner/backoff.ts'
import { type BytesConsumer, endsWith, offsetsOf, openConsumer } from './consumer.ts'
import { asSinkError } from './errors.ts'
import { createTopic } from './kafka-client.ts'
import { clientOptions, type KafkaConnection, ownGroup } from './options.ts'

export interface TailOptions {
  readonly connection: KafkaConnection
  readonly topic: string
  readonly from: 'earliest' | 'latest'
  /** Of the topic, where it is not there and is made. */
  readonly partitions: number
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  /** It stands at its place now: what comes from here on is seen. */
  readonly onReady: () => void
  /** The cluster does not answer; it is tried again. */
  readonly onOutage: (reason: string) => void
}

export interface TailRecord {
  readonly partition: number
  readonly offset: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [name: string, value: string])[]
}

const backoff = { backoffMsMin: milliseconds(200), backoffMsMax: milliseconds(5_000) }

/** Ends with its signal. Throws `SINK_REFUSED` where it may not read. */
export async function* tailTopic(options: TailOptions): AsyncGenerator<TailRecord> {
  const { clock, random, signal, onReady, onOutage } = options
  /** The next offset of each partition; empty until it has been learnt. */
  const next = new Map<number, bigint>()
  let attempts = 0
  while (!signal.aborted) {
    await using tail = new Tail(options)
    try {
      await tail.begin(next)
      onReady()
      for await (const record of tail.records(next)) {
        next.set(record.partition, record.offset + 1n)
        attempts = 0
        yield record
      }
    } catch (error) {
      const known = asSinkError(error)
      if (signal.aborted) return
      if (!known.retryable) throw known
      onOutage(known.message)
    }
    const delay: Milliseconds = backoffMs(attempts++, random, backoff)
    await sleep(clock, delay, signal).catch(() => undefined)
  }
}

/** One life of the client, from one loss of the cluster to the next. */
class Tail implements AsyncDisposable {
  readonly #options: TailOptions
  readonly #consumer: BytesConsumer

  constructor(options: TailOptions) {
    const { connection, topic } = options
    this.#options = options
    this.#consumer = openConsumer(connection, ownGroup(connection, topic))
  }

  /** Makes the topic where it is absent, and learns where to begin. */
  async begin(next: Map<number, bigint>): Promise<void> {
    const { connection, topic, from, partitions } = this.#options
    const admin = new Admin(clientOptions(connection))
    admin.on('error', () => undefined)
    try {
      const isThere = (await admin.listTopics()).includes(topic)
      if (!isThere) await createTopic(admin, topic, { partitions, replicas: undefined, settings: {} })
    } finally {
      await admin.close().catch(() => undefined)
    }
    const timestamp = from === 'latest' ? ListOffsetTimestamps.LATEST : ListOffsetTimestamps.EARLIEST
    const found = await offsetsOf(this.#consumer, topic, timestamp)
    for (const [partition, offset] of found) if (!next.has(partition)) next.set(partition, offset)
  }

  async *records(next: ReadonlyMap<number, bigint>): AsyncGenerator<TailRecord> {
    const { topic, signal } = this.#options
    const offsets = [...next].map(([partition, offset]) => ({ topic, partition, offset }))
    const stream = await this.#consumer.consume({ topics: [topic], mode: MessagesStreamModes.MANUAL, offsets })
    using _ending = endsWith(stream, signal)
    for await (const { partition, offset, key, value, headers } of stream) {
      const texts = [...headers].map(([name, content]) => [String(name), String(content)] as const)
      yield { partition, offset, key: key ?? null, value: value ?? null, headers: texts }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer.close(true).catch(() => undefined)
  }
}
