/** Every message that matches as a record of Kafka, or of what speaks its protocol. */
import type { LogId, StateStore } from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'
import type { Connector, Sink } from '../connector.ts'
import { openCursor } from '../cursor-store.ts'
import type { RunnerLimits } from '../runner/limits.ts'
import { asSinkError } from './client/errors.ts'
import { openKafkaClient } from './client/kafka-client.ts'
import { kafkaDefaults } from './defaults.ts'
import { KafkaSink } from './kafka-sink.ts'
import { type KafkaOptions, type KafkaSettings, kafkaSettings } from './settings.ts'
import { Topics } from './topics.ts'

export interface KafkaConnectorOptions
  extends Pick<KafkaOptions, 'connection'>,
    Partial<Omit<KafkaOptions, 'connection'>> {
  readonly name?: string
  readonly filters: readonly string[]
  readonly begin?: Connector['begin']
  /** Where the cursor is kept. */
  readonly state: StateStore
  readonly clock: Clock
  /** How long a batch waits to grow: 0 for latency. */
  readonly lingerMs?: number
}

const batch: Partial<RunnerLimits> = { batchMessagesMax: 5_000, batchBytesMax: 2 << 20 }

/** Throws `CONFIG_INVALID` where a template or a name cannot be used. */
export function kafkaConnector(options: KafkaConnectorOptions): Connector {
  const { name = 'kafka', filters, begin = 'oldest', state, clock, lingerMs = kafkaDefaults.lingerMs } = options
  const settings = kafkaSettings({
    ...kafkaDefaults,
    deadLetterTopic: `${name}.dead-letters`,
    replicas: undefined,
    ...options,
  })
  return {
    ...{ name, kind: 'kafka', filters, begin },
    limits: { ...batch, lingerMs: milliseconds(lingerMs) },
    open: (logId, signal) => openKafkaSink(settings, name, state, logId, clock, signal),
  }
}

async function openKafkaSink(
  settings: KafkaSettings,
  name: string,
  state: StateStore,
  logId: LogId,
  clock: Clock,
  signal: AbortSignal,
): Promise<Sink> {
  const cursor = await openCursor(state, name, logId)
  const client = openKafkaClient(settings.connection, settings.compression, clock)
  try {
    const topics = await Topics.open(
      { client, settings: settings.topic, madeMax: settings.topicsMax, state, connector: name },
      signal,
    )
    return new KafkaSink({ settings, logId, client, topics, cursor, clock })
  } catch (error) {
    await client[Symbol.asyncDispose]()
    signal.throwIfAborted()
    throw asSinkError(error)
  }
}
