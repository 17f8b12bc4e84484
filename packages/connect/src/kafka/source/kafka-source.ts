/**
 * A source over Kafka: a member of a consumer group, whose offsets are committed only once the log has what is before
 * them. What a crash or a rebalance brings again bears the same event id, and is dropped.
 */
import { type Clock, HawserError, milliseconds } from '@hawser/std'
import { type ClusterMetadata, MessagesStreamFallbackModes, MessagesStreamModes } from '@platformatic/kafka'
import { compileTemplateOf } from '../../message/template.ts'
import { Bell } from '../../runner/bell.ts'
import type { Source, SourceRunContext } from '../../source/source.ts'
import { type BytesConsumer, endsWith, openConsumer } from '../client/consumer.ts'
import { asSinkError } from '../client/errors.ts'
import { withDeadline } from '../client/kafka-client.ts'
import type { KafkaConnection } from '../client/options.ts'
import { uncommitted } from './beginnings.ts'
import { type IncomingForm, incomingOf } from './incoming.ts'
import { Progress } from './progress.ts'
import { type ConsumedRecord, RecordView, recordPlaces } from './record-places.ts'
import { SeenTopics, type TopicIds } from './topic-ids.ts'

export interface KafkaSourceOptions {
  readonly name: string
  readonly connection: KafkaConnection
  /** Of Kafka. */
  readonly topics: readonly string[]
  /** Its members share the partitions. */
  readonly group: string
  /** Where a group begins that has committed nothing. */
  readonly begin: 'oldest' | 'newest'
  /** Template of the MQTT topic. */
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** Whether headers go along as user properties. */
  readonly headers: boolean
  readonly clock: Clock
}

/** A member that is dead or frozen for so long loses its partitions. */
const session = { sessionTimeout: 6_000, heartbeatInterval: 1_500 } as const
const bounds = {
  /** Under way into the log. */
  records: 1_000,
  bytes: 16 << 20,
  commitMs: milliseconds(200),
  callMs: milliseconds(15_000),
} as const

/** Throws `CONFIG_INVALID` where the template is none. */
export function kafkaSource(options: KafkaSourceOptions): Source {
  const { name, topic, qos, retain, headers } = options
  const form = { topic: compileTemplateOf(topic, recordPlaces), qos, retain, headers }
  const seen = new SeenTopics()
  return {
    name,
    kind: 'kafka-source',
    // Where a template may lead is not known.
    filters: ['#'],
    async run(context) {
      await using member = new Member(options, form, seen, context)
      try {
        await member.run()
      } catch (error) {
        throw asSinkError(error)
      }
    },
  }
}

/** One life of a member of the group. */
class Member implements AsyncDisposable {
  readonly #options: KafkaSourceOptions
  readonly #form: IncomingForm
  readonly #seen: SeenTopics
  readonly #context: SourceRunContext
  readonly #consumer: BytesConsumer
  readonly #progress = new Progress()
  readonly #bell = new Bell()
  /** What went wrong with one of the records, or with a commit. */
  #failure: unknown
  #bytes = 0
  #commit: Disposable | undefined

  constructor(options: KafkaSourceOptions, form: IncomingForm, seen: SeenTopics, context: SourceRunContext) {
    this.#options = options
    this.#form = form
    this.#seen = seen
    this.#context = context
    this.#consumer = openConsumer(options.connection, options.group, session)
  }

  async run(): Promise<void> {
    const { signal, opened } = this.#context
    const topics = await this.#topics()
    const ids: TopicIds = new Map([...topics].map(([topic, { id }]) => [topic, id]))
    const stream = await this.#call(() => this.#consume())
    using _ending = endsWith(stream, signal)
    await this.#beginRemade(topics, this.#seen.remade(ids))
    this.#seen.keep(ids)
    const fails = (error: unknown): void => {
      this.#failure ??= error
      stream.destroy()
      this.#bell.ring()
    }
    this.#consumer.on('client:metadata', ({ topics: now }) => {
      for (const [topic, found] of now) if (found !== undefined && found.id !== ids.get(topic)) fails(remade([topic]))
    })
    const begins = (): void =>
      void this.#keepBeginnings(stream).then(
        () => signal.aborted || opened(),
        (error) => signal.aborted || fails(error),
      )
    stream.on('offsets', begins)
    try {
      for await (const { topic, partition, offset, key, value, headers } of stream) {
        const record = { topic, partition, offset, key: key ?? null, value: value ?? null, headers }
        this.#take(record, ids.get(topic) ?? topic, fails)
        while (this.#isFull() && this.#failure === undefined) await this.#bell.wait()
        if (this.#failure !== undefined) break
      }
    } catch (error) {
      // A stream that is ended from here says that it was closed too early.
      if (!signal.aborted) throw this.#failure ?? error
    }
    await this.#finish()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#commit?.[Symbol.dispose]()
    await this.#consumer.close(true).catch(() => undefined)
  }

  #consume() {
    const { topics, begin } = this.#options
    const { EARLIEST, LATEST } = MessagesStreamFallbackModes
    return this.#consumer.consume({
      topics: [...topics],
      mode: MessagesStreamModes.COMMITTED,
      fallbackMode: begin === 'oldest' ? EARLIEST : LATEST,
    })
  }

  async #topics(): Promise<ClusterMetadata['topics']> {
    const { topics } = this.#options
    const { topics: found } = await this.#call(() => this.#consumer.metadata({ topics: [...topics] }))
    const missing = topics.filter((topic) => !found.has(topic))
    if (missing.length === 0) return found
    throw new HawserError('SINK_UNAVAILABLE', `Kafka has no topic ${missing.join(', ')}`, { retryable: true })
  }

  /** As a member, and then as a new one: the group may have committed offsets of the topics that they were before. */
  async #beginRemade(found: ClusterMetadata['topics'], names: readonly string[]): Promise<void> {
    if (names.length === 0) return
    const offsets = names.flatMap((topic) =>
      Array.from({ length: found.get(topic)?.partitionsCount ?? 0 }, (_, partition) => ({
        ...{ topic, partition, offset: 0n, leaderEpoch: -1 },
      })),
    )
    await this.#call(() => this.#consumer.commit({ offsets }))
    for (const topic of names) this.#seen.forget(topic)
    throw remade(names)
  }

  async #keepBeginnings(stream: Parameters<typeof uncommitted>[1]): Promise<void> {
    const offsets = (await uncommitted(this.#consumer, stream)).map((one) => ({ ...one, leaderEpoch: -1 }))
    if (offsets.length > 0) await this.#consumer.commit({ offsets })
  }

  #take(record: ConsumedRecord, topicId: string, fails: (error: unknown) => void): void {
    const { intake } = this.#context
    const done = this.#progress.began(record)
    const read = incomingOf(this.#form, intake.logId, topicId, new RecordView(record))
    if (read.kind !== 'message') {
      intake.passOver(read)
      this.#passed(done, fails)
      return
    }
    const bytes = read.message.payload.length
    this.#bytes += bytes
    intake.take(read.message).then(() => {
      this.#bytes -= bytes
      this.#passed(done, fails)
    }, fails)
  }

  #passed(done: () => void, fails: (error: unknown) => void): void {
    done()
    this.#bell.ring()
    this.#commit ??= this.#options.clock.after(bounds.commitMs, () => {
      this.#commit = undefined
      this.#commitPassed().catch(fails)
    })
  }

  #isFull(): boolean {
    return this.#progress.underWay >= bounds.records || this.#bytes >= bounds.bytes
  }

  /** What has been read is taken, and told. */
  async #finish(): Promise<void> {
    while (this.#progress.underWay > 0 && this.#failure === undefined) await this.#bell.wait()
    if (this.#failure !== undefined) throw this.#failure
    await this.#commitPassed()
  }

  async #commitPassed(): Promise<void> {
    if (this.#failure !== undefined) return
    const offsets = this.#progress.take().map((one) => ({ ...one, leaderEpoch: -1 }))
    if (offsets.length > 0) await this.#consumer.commit({ offsets })
  }

  #call<Result>(work: () => Promise<Result>): Promise<Result> {
    return withDeadline(this.#options.clock, bounds.callMs, this.#context.signal, work)
  }
}

const remade = (topics: readonly string[]): HawserError =>
  new HawserError('SINK_UNAVAILABLE', `Kafka's topic ${topics.join(', ')} has been made anew: all of it is read`, {
    retryable: true,
  })
