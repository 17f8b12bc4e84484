/** Everything that the sink does, on a real Kafka that is killed now and then. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of ours
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createMemoryState } from '@hawser/engine/memory'
import { systemClock } from '@hawser/std'
import { Admin } from '@platformatic/kafka'
import { type KafkaServer, kafkaSkipReason, startKafka } from '../../../../test/servers/kafka.ts'
import { type JavaRecord, readByJava } from '../../../../test/servers/kafka-java.ts'
import { append, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { connectorContract } from '../contract/mod.ts'
import { clientOptions } from './client/options.ts'
import { readTopic } from './client/read-topic.ts'
import { compressions, partitioners, valueModes } from './defaults.ts'
import { type KafkaConnectorOptions, kafkaConnector } from './mod.ts'
import { sinkOver } from './testing/kafka-under-test.ts'

const skip = kafkaSkipReason()
const waived: Readonly<Record<string, string>> = skip === false ? {} : { all: skip }

let running: Promise<KafkaServer> | undefined
const server = (): Promise<KafkaServer> => (running ??= startKafka())
after(async () => (await running)?.[Symbol.asyncDispose]())

connectorContract({ name: 'Kafka', holds: 'at-least-once', waived, open: async () => sinkOver(await server()) })

const machines = 40
const telemetry = (number: number): string =>
  `{"machine_id":"MACHINE_${String(number % machines).padStart(3, '0')}", "n":${number}, "speed": 1.0}`

async function connectionTo(): Promise<KafkaConnectorOptions['connection']> {
  return { brokers: [(await server()).address], clientId: 'test' }
}

async function removed(...topics: readonly string[]): Promise<void> {
  const admin = new Admin(clientOptions(await connectionTo()))
  await admin.deleteTopics({ topics: [...topics] })
  await admin.close()
}

/** 200 messages of 40 machines go into a topic as the options say. */
async function filled(topic: string, options: Partial<KafkaConnectorOptions> = {}): Promise<string> {
  await using log = contractLog()
  await using state = createMemoryState()
  for (let number = 0; number < 200; number++) append(log, `factory/machines/${number}/telemetry`, telemetry(number))
  await committed(log)
  const connection = await connectionTo()
  const key = '${payload.machine_id|topic.3}'
  const common = { name: topic, topic, key, state, clock: systemClock, connection, filters: ['factory/#'] }
  await using watched = watch(log, kafkaConnector({ ...common, ...options }), { batchMessagesMax: 100 })
  const view = await watched.until(isCaughtUp)
  assert.deepEqual([view.written, view.deadLetters, view.lastError], [200, 0, undefined])
  return log.id
}

const numberOf = ({ value }: JavaRecord): number => JSON.parse(`${Buffer.from(value ?? '', 'base64')}`).n

describe('Kafka, read by its own client in Java', { skip }, () => {
  it('finds every record, in the partition that Java would choose, in order of each key, whatever the compression', async () => {
    for (const compression of compressions) await filled(`compressed-${compression}`, { compression })
    const { address } = await server()
    const records = await readByJava(
      address,
      compressions.map((compression) => `compressed-${compression}`),
    )
    for (const compression of compressions) {
      const found = records.filter(({ topic }) => topic === `compressed-${compression}`)
      assert.deepEqual(
        found.map(numberOf).sort((left, right) => left - right),
        Array.from({ length: 200 }, (_, n) => n),
      )
      assert.ok(
        found.every((record) => record.partition === record.partitionOfJava),
        compression,
      )
      assert.deepEqual([...new Set(found.map(({ partition }) => partition))].sort(), [0, 1, 2])
      for (const ofKey of Map.groupBy(found, ({ key }) => key).values()) {
        const numbers = ofKey.map(numberOf)
        assert.deepEqual(
          numbers,
          numbers.toSorted((left, right) => left - right),
        )
      }
    }
  })

  it('finds the headers, and events that the SDK of CloudEvents takes', async () => {
    const ids = new Map<string, string>()
    for (const value of valueModes) ids.set(value, await filled(`mode-${value}`, { value, bridgeId: 'b1' }))
    const { address } = await server()
    const records = await readByJava(
      address,
      valueModes.map((value) => `mode-${value}`),
    )
    const first = (value: string): JavaRecord => {
      const found = records.find(
        ({ topic, headers }) => topic === `mode-${value}` && headers['event_id']?.endsWith('/3/7'),
      )
      assert.ok(found, value)
      return found
    }
    const raw = first('raw')
    assert.deepEqual([raw.key, `${Buffer.from(raw.value ?? '', 'base64')}`], ['MACHINE_007', telemetry(7)])
    assert.equal(raw.headers['mqtt_topic'], 'factory/machines/7/telemetry')
    assert.equal(raw.headers['event_id'], `${ids.get('raw')}/3/7`)
    assert.equal(raw.event, null)
    assert.equal(JSON.parse(`${Buffer.from(first('enriched').value ?? '', 'base64')}`).bridge_id, 'b1')
    for (const mode of ['cloudevents-structured', 'cloudevents-binary']) {
      const event = first(mode).event
      assert.deepEqual(
        [event?.id, event?.source, event?.subject, event?.type, event?.specversion],
        [`${ids.get(mode)}/3/7`, '/hawser/b1', 'factory/machines/7/telemetry', 'hawser.mqtt.publish', '1.0'],
      )
      assert.deepEqual(JSON.parse(`${Buffer.from(event?.data ?? '', 'base64')}`), JSON.parse(telemetry(7)))
      assert.match(event?.time ?? '', /^2023-11-14T22:13:20.007/)
    }
  })
})

describe('Kafka sink', { skip }, () => {
  it('spreads by crc32 as librdkafka does', async () => {
    assert.deepEqual(partitioners, ['murmur2', 'crc32'])
    await filled('spread-crc32', { partitioner: 'crc32' })
    const { crc32 } = await import('node:zlib')
    let records = 0
    for await (const { key, partition } of readTopic(await connectionTo(), 'spread-crc32')) {
      assert.equal(partition, crc32(key) % 3, key)
      records++
    }
    assert.equal(records, 200)
  })

  it('makes topics with the partitions and settings that are asked for, and not without bound', async () => {
    const options = {
      topic: 'own-${topic.3}',
      topicsMax: 20,
      partitions: 2,
      topicSettings: { 'retention.ms': '3600000' },
    }
    await using log = contractLog()
    await using state = createMemoryState()
    for (let number = 0; number < 30; number++) append(log, `factory/machines/${number}/telemetry`, telemetry(number))
    await committed(log)
    const connection = await connectionTo()
    const connector = kafkaConnector({ name: 'own', ...options, state, clock: systemClock, connection, filters: ['#'] })
    {
      await using watched = watch(log, connector)
      const view = await watched.until(isCaughtUp)
      assert.deepEqual([view.written, view.deadLetters], [20, 10])
      assert.match((await watched.run.deadLetters(1))[0]?.reason ?? '', /^too-many-topics/)
    }
    // The bound holds over a restart, and a topic that somebody has deleted does not count.
    await removed('own-3', 'own-4')
    for (let number = 30; number < 33; number++) append(log, `factory/machines/${number}/telemetry`, telemetry(number))
    await committed(log)
    {
      await using watched = watch(log, connector)
      const view = await watched.until((now) => now.written + now.deadLetters === 3 && isCaughtUp(now))
      assert.deepEqual([view.written, view.deadLetters], [2, 1])
    }
    const admin = new Admin(clientOptions(connection))
    try {
      const [described] = await admin.describeConfigs({ resources: [{ resourceType: 2, resourceName: 'own-7' }] })
      assert.equal(described?.configs.find(({ name }) => name === 'retention.ms')?.value, '3600000')
      assert.equal((await admin.metadata({ topics: ['own-7'] })).topics.get('own-7')?.partitionsCount, 2)
    } finally {
      await admin.close()
    }
  })

  it('keeps what is too large for Kafka as a dead letter with reason and context, and sends the rest', async () => {
    await using log = contractLog()
    await using state = createMemoryState()
    const large = Buffer.alloc(2 << 20, 'x')
    append(log, 't/a', 'small')
    append(log, 't/large', large)
    append(log, 't/a', 'small too')
    await committed(log)
    const connection = await connectionTo()
    const connector = kafkaConnector({ name: 'large', state, clock: systemClock, connection, filters: ['#'] })
    await using watched = watch(log, connector)
    const view = await watched.until(isCaughtUp)
    assert.deepEqual([view.written, view.deadLetters], [2, 1])
    const [letter] = await Array.fromAsync(readTopic(connection, 'large.dead-letters'))
    assert.match(letter?.headers.get('reason') ?? '', /^too-large: 2\d{6} bytes of 1000000$/)
    assert.equal(letter?.headers.get('payload_bytes'), String(large.length))
    assert.equal(letter?.headers.get('mqtt_topic'), 't/large')
    assert.equal(letter?.key, `${log.id}/3/1`)
    assert.ok(letter?.value !== null && letter?.value !== undefined && letter.value.length < 1_000_000)
    const [byJava, ...others] = await readByJava((await server()).address, ['large.dead-letters'])
    assert.deepEqual([byJava?.key, others.length], [letter.key, 0])
    assert.deepEqual(byJava?.headers, Object.fromEntries(letter.headers))
  })

  it('writes a record without value where a retained one is deleted', async () => {
    await using log = contractLog()
    await using state = createMemoryState()
    append(log, 't/a', 'on', { retain: true })
    append(log, 't/a', '', { retain: true })
    await committed(log)
    const connection = await connectionTo()
    const options = { topic: 'tombs', tombstones: true, state, clock: systemClock, connection, filters: ['#'] }
    await using watched = watch(log, kafkaConnector({ name: 'tombs', ...options }))
    await watched.until((view) => view.written === 2 && isCaughtUp(view))
    const values = await Array.fromAsync(readTopic(connection, 'tombs'), ({ value }) => value && `${value}`)
    assert.deepEqual(values, ['on', null])
    const byJava = await readByJava((await server()).address, ['tombs'])
    assert.deepEqual(
      byJava.map(({ key, value }) => [key, value && `${Buffer.from(value, 'base64')}`]),
      [
        ['t/a', 'on'],
        ['t/a', null],
      ],
    )
  })
})
