/** The source on a real Kafka: what it takes, what it commits, and what an outage and a second member do to it. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of ours
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { MessageLog } from '@hawser/engine'
import { milliseconds, seededRandom, systemClock } from '@hawser/std'
import { Admin, Producer } from '@platformatic/kafka'
import { type KafkaServer, kafkaSkipReason, startKafka } from '../../../../../test/servers/kafka.ts'
import { contractLog, type WatchedRun, watched } from '../../contract/bench-log.ts'
import { eventIdOf } from '../../message/event-id.ts'
import { openLogEntrance } from '../../source/log-entrance.ts'
import { runSource, type SourceRun } from '../../source/run-source.ts'
import { publishesIn } from '../../testing/publishes-in.ts'
import { clientOptions } from '../client/options.ts'
import { type KafkaSourceOptions, kafkaSource } from './kafka-source.ts'

const skip = kafkaSkipReason()
let running: Promise<KafkaServer> | undefined
const server = (): Promise<KafkaServer> => (running ??= startKafka())
after(async () => (await running)?.[Symbol.asyncDispose]())

const connection = async () => ({ brokers: [(await server()).address], clientId: 'test' })
const limits = { backoffMsMin: milliseconds(50), backoffMsMax: milliseconds(500) }

async function made(topic: string, partitions: number): Promise<void> {
  const admin = new Admin(clientOptions(await connection()))
  await admin.createTopics({ topics: [topic], partitions, replicas: 1 })
  await admin.close()
}

async function removed(topic: string): Promise<void> {
  const admin = new Admin(clientOptions(await connection()))
  await admin.deleteTopics({ topics: [topic] })
  await admin.close()
}

/** Records with these numbers, each in the partition that its number says; others in the first. */
async function produce(topic: string, values: readonly (number | string)[], partitions = 2): Promise<void> {
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
    ...clientOptions(await connection()),
    // It tries again where a topic is new.
    idempotent: true,
  })
  const messages = values.map((value) => ({
    ...{ topic, key: Buffer.from(`k${value}`), value: Buffer.from(String(value)) },
    partition: typeof value === 'number' ? value % partitions : 0,
    headers: new Map([[Buffer.from('unit'), Buffer.from('mm')]]),
  }))
  await producer.send({ messages })
  await producer.close()
}

async function start(
  log: MessageLog,
  topic: string,
  more: Partial<KafkaSourceOptions> = {},
): Promise<WatchedRun<SourceRun>> {
  const entrance = openLogEntrance(log, systemClock, 'kafka')
  const source = kafkaSource({
    ...{ name: topic, connection: await connection(), topics: [topic], group: `${topic}-group`, begin: 'oldest' },
    ...{ topic: 'k/${partition}/${key}', qos: 1, retain: false, headers: true, clock: systemClock, ...more },
  })
  return watched((onChange) =>
    runSource({
      ...{ log, source, limits, onChange, publish: entrance.publish },
      ...{ clock: systemClock, random: seededRandom(1), signal: new AbortController().signal },
    }),
  )
}

interface Found {
  readonly topic: string
  readonly number: number
  readonly unit: string | undefined
}

async function contents(log: MessageLog): Promise<readonly Found[]> {
  return (await publishesIn(log)).map(({ topic, payload, userProperties }) => ({
    ...{ topic, number: Number(payload) },
    unit: userProperties.find(([name]) => name === 'unit')?.[1],
  }))
}

/** Each with the name of its event. */
const named = async (log: MessageLog): Promise<readonly (readonly [number, string | undefined])[]> =>
  (await publishesIn(log)).map(({ payload, userProperties }) => [Number(payload), eventIdOf(userProperties)])

/** Resolves once so many messages are in the log. */
async function reached(log: MessageLog, count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = async (): Promise<void> => {
    if ((await contents(log)).length >= count) resolve()
  }
  using _listener = log.onCommit(() => void look())
  await look()
  await promise
}

const upTo = (count: number, from = 0): readonly number[] => Array.from({ length: count }, (_, index) => from + index)

/** Each once, and those of a partition in order. */
function assertWhole(found: readonly Found[], count: number): void {
  const numbers = found.map(({ number }) => number)
  for (const parity of [0, 1]) {
    assert.deepEqual(
      numbers.filter((number) => number % 2 === parity),
      upTo(count).filter((number) => number % 2 === parity),
    )
  }
}

describe('Kafka as a source', { skip, timeout: 200_000 }, () => {
  it('takes each record in the order of its partition, and goes on where it has committed', async () => {
    await using log = contractLog()
    await made('simple', 2)
    await produce('simple', upTo(500))
    {
      await using _run = await start(log, 'simple')
      await reached(log, 500)
    }
    await produce('simple', upTo(100, 500))
    await using again = await start(log, 'simple')
    await reached(log, 600)
    const found = await contents(log)
    assertWhole(found, 600)
    assert.deepEqual(
      found.find(({ number }) => number === 7),
      { topic: 'k/1/k7', number: 7, unit: 'mm' },
    )
    assert.deepEqual([again.run.view().duplicates, again.run.view().written], [0, 100])
  })

  it('takes what came while it was away, also where nothing had come before', async () => {
    await using log = contractLog()
    await made('newest', 2)
    await produce('newest', upTo(10))
    {
      await using first = await start(log, 'newest', { begin: 'newest' })
      await first.until(({ state }) => state.kind === 'running')
    }
    await produce('newest', upTo(10, 10))
    await using _again = await start(log, 'newest', { begin: 'newest' })
    await reached(log, 10)
    const numbers = (await contents(log)).map(({ number }) => number)
    assert.deepEqual(
      numbers.toSorted((a, b) => a - b),
      upTo(10, 10),
    )
  })

  it('has each once where a group reads it from the start again', async () => {
    await using log = contractLog()
    await made('again', 2)
    await produce('again', upTo(200))
    {
      await using _first = await start(log, 'again', { group: 'again-one' })
      await reached(log, 200)
    }
    await using second = await start(log, 'again', { group: 'again-other' })
    await produce('again', upTo(2, 200))
    await reached(log, 202)
    const { written, duplicates } = second.run.view()
    assert.deepEqual([written, duplicates], [2, 200])
    assertWhole(await contents(log), 202)
  })

  it('goes on after Kafka was killed, with nothing missing and nothing twice', async () => {
    await using log = contractLog()
    const kafka = await server()
    await made('killed', 2)
    await produce('killed', upTo(300))
    await using watched = await start(log, 'killed')
    await reached(log, 300)
    await kafka.kill()
    await kafka.start()
    await produce('killed', upTo(300, 300))
    await reached(log, 600)
    assertWhole(await contents(log), 600)
    assert.equal(watched.run.view().state.kind, 'running')
  })

  it('shares partitions with another member, and takes all where that one goes', async () => {
    await using mine = contractLog()
    await using theirs = contractLog()
    await made('shared', 2)
    await using _first = await start(mine, 'shared')
    let count = 0
    {
      await using _second = await start(theirs, 'shared')
      while ((await contents(theirs)).length === 0 || (await contents(mine)).length === 0) {
        await produce('shared', upTo(20, count))
        count += 20
        assert.ok(count < 20_000, 'one of them has got nothing')
      }
    }
    const before = (await contents(mine)).length
    await produce('shared', upTo(200, 100_000))
    await reached(mine, before + 200)
    const last = (await contents(mine)).slice(before).map(({ number }) => number)
    for (const number of upTo(200, 100_000)) assert.ok(last.includes(number), String(number))
    // What a rebalance has given to both is one event.
    const all = [...(await named(mine)), ...(await named(theirs))]
    const events = Map.groupBy(all, ([number]) => number)
    assert.deepEqual(
      [...events.keys()].toSorted((left, right) => left - right),
      [...upTo(count), ...upTo(200, 100_000)],
    )
    for (const same of events.values()) assert.equal(new Set(same.map(([, eventId]) => eventId)).size, 1)
    assert.equal(new Set(all.map(([, eventId]) => eventId)).size, events.size)
  })

  it('takes all of a topic that is deleted and made anew under it, whose offsets have been there before', async () => {
    await using log = contractLog()
    await made('remade', 1)
    await produce('remade', upTo(10), 1)
    await using watched = await start(log, 'remade')
    await reached(log, 10)
    await removed('remade')
    await made('remade', 1)
    await produce('remade', upTo(20, 10), 1)
    await reached(log, 30)
    assert.deepEqual(
      (await contents(log)).map(({ number }) => number),
      upTo(30),
    )
    assert.equal(watched.run.view().duplicates, 0)
  })

  it('says what it cannot take, and goes on', async () => {
    await using log = contractLog()
    await made('poison', 1)
    await produce('poison', [0, 1, 2, '{"id":3}'], 1)
    await using watched = await start(log, 'poison', { topic: 'k/${payload.id}' })
    await reached(log, 1)
    const { written, deadLetters, lastError } = watched.run.view()
    assert.deepEqual([written, deadLetters, lastError], [1, 3, 'poison/0/2: a place of its topic has no value'])
    assert.equal((await contents(log))[0]?.topic, 'k/3')
  })

  it('waits for a topic that is not there', async () => {
    await using log = contractLog()
    await using watched = await start(log, 'later')
    const { lastError } = await watched.until(({ state }) => state.kind === 'lagging' && state.isRetrying)
    assert.match(lastError ?? '', /Kafka/)
    await made('later', 2)
    await produce('later', upTo(10))
    await reached(log, 10)
    assertWhole(await contents(log), 10)
  })
})
