/** The little that the sink needs of Kafka, with a deadline on every call: the client's own retries may have no end. */

import { type Clock, HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import { Admin, type MessageToProduce, Producer } from '@platformatic/kafka'
import type { Compression } from '../defaults.ts'
import { isKafkaError } from './errors.ts'
import { clientOptions, type KafkaConnection } from './options.ts'

export interface TopicSettings {
  readonly partitions: number
  /** Undefined: what the cluster has for a default. */
  readonly replicas: number | undefined
  readonly settings: Readonly<Record<string, string>>
}

export type ProducedMessage = MessageToProduce<Buffer, Buffer, Buffer, Buffer>

export interface KafkaClient extends AsyncDisposable {
  readonly admin: Admin
  /** Resolves once all are written by all replicas in sync; the first error in any partition is thrown as it came. */
  send(messages: readonly ProducedMessage[], signal: AbortSignal): Promise<void>
  topics(signal: AbortSignal): Promise<readonly string[]>
  /** `exists` where somebody else was faster. */
  createTopic(name: string, settings: TopicSettings, signal: AbortSignal): Promise<'made' | 'exists'>
}

const sendMsMax = milliseconds(20_000)
const adminMsMax = milliseconds(15_000)

export function openKafkaClient(connection: KafkaConnection, compression: Compression, clock: Clock): KafkaClient {
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
    ...clientOptions(connection),
    idempotent: true,
    acks: -1,
    compression,
    autocreateTopics: false,
  })
  const admin = new Admin(clientOptions(connection))
  // What goes wrong with a connection is told by the call that needs it.
  for (const client of [producer, admin]) client.on('error', () => undefined)
  return {
    admin,
    send: (messages, signal) =>
      withDeadline(clock, sendMsMax, signal, async () => {
        await producer.send({ messages: [...messages] })
      }),
    topics: (signal) => withDeadline(clock, adminMsMax, signal, () => admin.listTopics({ includeInternals: false })),
    createTopic: (name, settings, signal) =>
      withDeadline(clock, adminMsMax, signal, () => createTopic(admin, name, settings)),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([producer.close(true), admin.close()])
    },
  }
}

export async function createTopic(
  admin: Admin,
  name: string,
  { partitions, replicas = -1, settings }: TopicSettings,
): Promise<'made' | 'exists'> {
  const configs = Object.entries(settings).map(([name, value]) => ({ name, value }))
  try {
    await admin.createTopics({ topics: [name], partitions, replicas, configs })
    return 'made'
  } catch (error) {
    if (isKafkaError(error, 'TOPIC_ALREADY_EXISTS')) return 'exists'
    throw error
  }
}

/** The work itself cannot be stopped; what comes of it later is heard by nobody. */
export async function withDeadline<Result>(
  clock: Clock,
  delay: Milliseconds,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  using _timer = clock.after(delay, () =>
    reject(new HawserError('SINK_UNAVAILABLE', `Kafka did not answer within ${delay} ms`, { retryable: true })),
  )
  try {
    return await Promise.race([work(), promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
