/** Kafka as the contract's sink: each has topics and a cursor of its own on a shared server. */
import type { LogId } from '@hawser/engine'
import { createMemoryState } from '@hawser/engine/memory'
import { systemClock } from '@hawser/std'
import { Admin } from '@platformatic/kafka'
import type { KafkaServer } from '../../../../../test/servers/kafka.ts'
import { refusedTopic, type SinkRow, type SinkUnderTest } from '../../contract/mod.ts'
import { clientOptions } from '../client/options.ts'
import { readTopic, type TopicRecord } from '../client/read-topic.ts'
import { type KafkaConnectorOptions, kafkaConnector } from '../mod.ts'
import { escapeTopic } from '../record/topic-name.ts'

let sinks = 0

export function sinkOver(server: KafkaServer, options: Partial<KafkaConnectorOptions> = {}): SinkUnderTest {
  const name = `contract-${++sinks}`
  const state = createMemoryState()
  const connection = { brokers: [server.address], clientId: name }
  const prefix = `${name}.`
  return {
    connector: (filters) =>
      kafkaConnector({ name, state, clock: systemClock, connection, filters, topic: `${prefix}\${topic}`, ...options }),
    fail: () => server.kill(),
    mend: () => server.start(),
    rows: (logId) => rowsOf(connection, prefix, logId),
    refuse: () => refuseOn(connection, `${prefix}${escapeTopic(refusedTopic)}`),
    [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
  }
}

async function rowsOf(
  connection: KafkaConnectorOptions['connection'],
  prefix: string,
  logId: LogId,
): Promise<readonly SinkRow[]> {
  const admin = new Admin(clientOptions(connection))
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix) && !topic.endsWith('letters'))
  await admin.close()
  const rows: SinkRow[] = []
  for (const topic of topics) {
    for await (const record of readTopic(connection, topic)) rows.push(...rowOf(logId, record))
  }
  return rows
}

function rowOf(logId: LogId, { headers }: TopicRecord): SinkRow[] {
  const [id, partition, position] = (headers.get('event_id') ?? '').split('/')
  const topic = headers.get('mqtt_topic') ?? ''
  return id === logId ? [{ partition: Number(partition), position: Number(position), topic }] : []
}

/** A topic that takes no message, because each is larger than it allows. */
async function refuseOn(connection: KafkaConnectorOptions['connection'], topic: string): Promise<AsyncDisposable> {
  const admin = new Admin(clientOptions(connection))
  const setting = (value: string) => [{ name: 'max.message.bytes', value }]
  await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1, configs: setting('1') })
  return {
    async [Symbol.asyncDispose]() {
      const configs = [{ name: 'max.message.bytes', configOperation: 0, value: '1048588' }] as const
      await admin.incrementalAlterConfigs({
        resources: [{ resourceType: 2, resourceName: topic, configs: [...configs] }],
      })
      await admin.close()
    },
  }
}
