/**
 * An open way into Kafka. Sends go one after another, idempotent and with acks of all, so records of a key keep their
 * order; the cursor moves once all of a batch is written. After a failure a record may be there twice, under one event id.
 */
import type { LogId } from '@hawser/engine'
import { type Clock, HawserError } from '@hawser/std'
import { chunksOf } from '../chunks.ts'
import type { Checkpoint, DeadLetter, DeadLetters, Message, MessageBatch, Sink, WriteOutcome } from '../connector.ts'
import type { OwnedCursor } from '../cursor-store.ts'
import { notRefused, type Refused } from '../refused.ts'
import { asSinkError, refusalOfRecords } from './client/errors.ts'
import { type KafkaClient, type ProducedMessage, withDeadline } from './client/kafka-client.ts'
import { readTopic, type TopicRecord } from './client/read-topic.ts'
import { deadLetterRecord, deadLetterSettings, liveLetters, takenBack } from './dead-letters.ts'
import { hashOf } from './record/partitioner.ts'
import { type KafkaRecord, recordOf } from './record/record.ts'
import type { KafkaSettings } from './settings.ts'
import type { Topics } from './topics.ts'

export interface KafkaSinkParts {
  readonly settings: KafkaSettings
  readonly logId: LogId
  readonly client: KafkaClient
  readonly topics: Topics
  readonly cursor: OwnedCursor
  readonly clock: Clock
}

interface Ready {
  readonly message: Message
  readonly record: KafkaRecord
}

export class KafkaSink implements Sink {
  readonly checkpoint: Checkpoint | undefined
  readonly deadLetters: DeadLetters = {
    list: (limit, signal) => this.#list(limit, signal),
    replay: (messages, signal) => this.#replay(messages, signal),
    forget: (messages, signal) => this.#forget(messages, signal),
  }
  readonly #parts: KafkaSinkParts

  constructor(parts: KafkaSinkParts) {
    this.#parts = parts
    this.checkpoint = parts.cursor.checkpoint
  }

  async write(batch: MessageBatch, signal: AbortSignal): Promise<WriteOutcome> {
    const { cursor } = this.#parts
    await cursor.hold()
    const refused = await this.#sendAll(batch.messages, signal)
    await cursor.advance(batch)
    return { written: batch.messages.length - refused.length, duplicates: 0, deadLetters: refused.length }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.client[Symbol.asyncDispose]()
  }

  /** Answers those that are dead letters now. */
  async #sendAll(messages: readonly Message[], signal: AbortSignal): Promise<readonly Refused[]> {
    try {
      const { ready, refused } = await this.#prepare(messages, signal)
      for (const chunk of chunksOf(ready, recordBytes, this.#parts.settings.requestBytesMax)) {
        refused.push(...(await this.#sendChunk(chunk, signal)))
      }
      await this.#keepAside(refused, signal)
      return refused
    } catch (error) {
      signal.throwIfAborted()
      throw asSinkError(error)
    }
  }

  async #prepare(messages: readonly Message[], signal: AbortSignal): Promise<{ ready: Ready[]; refused: Refused[] }> {
    const { settings, logId, topics } = this.#parts
    const ready: Ready[] = []
    const refused: Refused[] = []
    for (const message of messages) {
      const outcome = recordOf(settings.form, logId, message)
      if (outcome.kind === 'refused') {
        refused.push(outcome)
        continue
      }
      const { record } = outcome
      let reason: string | undefined
      if (record.bytes > settings.recordBytesMax) {
        reason = `too-large: ${record.bytes} bytes of ${settings.recordBytesMax}`
      } else if (!topics.has(record.topic)) reason = await topics.ensure(record.topic, signal)
      if (reason === undefined) ready.push({ message, record })
      else refused.push({ message, reason })
    }
    return { ready, refused }
  }

  /** Where the cluster refuses records, the chunk is halved until it is known which. */
  async #sendChunk(chunk: readonly Ready[], signal: AbortSignal): Promise<readonly Refused[]> {
    const { client, settings } = this.#parts
    const hash = hashOf[settings.partitioner]
    try {
      await client.send(
        chunk.map(({ record: { topic, key, value, headers } }) => ({
          ...{ topic, key, headers, partition: hash(key) },
          // The client's types know no record without value; the protocol and its writer do.
          value: value as Buffer,
        })),
        signal,
      )
      return []
    } catch (error) {
      const reason = refusalOfRecords(error)
      if (reason === undefined) throw error
      const [only] = chunk
      if (chunk.length === 1 && only !== undefined) return [{ message: only.message, reason: `refused: ${reason}` }]
      const half = chunk.length >>> 1
      const front = await this.#sendChunk(chunk.slice(0, half), signal)
      return [...front, ...(await this.#sendChunk(chunk.slice(half), signal))]
    }
  }

  async #keepAside(refused: readonly Refused[], signal: AbortSignal): Promise<void> {
    const { settings, logId } = this.#parts
    if (refused.length === 0) return
    const { deadLetterTopic, form } = settings
    await this.#sendAside(
      refused.map((one) => deadLetterRecord(deadLetterTopic, logId, one, form.bridgeId)),
      signal,
    )
  }

  async #sendAside(records: readonly ProducedMessage[], signal: AbortSignal): Promise<void> {
    const { settings, topics, client } = this.#parts
    try {
      await topics.make(settings.deadLetterTopic, deadLetterSettings(settings.topic.replicas), signal)
      // Each is bounded, but many of them together are not.
      for (const record of records) await client.send([record], signal)
    } catch (error) {
      const refusal = refusalOfRecords(error)
      if (refusal === undefined) throw error
      throw new HawserError(
        'SINK_REFUSED',
        `the dead-letter topic ${settings.deadLetterTopic} takes nothing: ${refusal}`,
        { mend: 'mend the settings of the topic, then resume the connector', cause: error },
      )
    }
  }

  async #list(limit: number, signal: AbortSignal): Promise<readonly DeadLetter[]> {
    const { settings, clock, client } = this.#parts
    const { deadLetterTopic, connection } = settings
    try {
      if (!(await client.topics(signal)).includes(deadLetterTopic)) return []
      const records = await withDeadline(clock, settings.listMsMax, signal, () =>
        Array.fromAsync(readTopic(connection, deadLetterTopic), withoutPayload),
      )
      return liveLetters(records, limit)
    } catch (error) {
      throw asSinkError(error)
    }
  }

  async #replay(messages: readonly Message[], signal: AbortSignal): Promise<WriteOutcome> {
    await this.#parts.cursor.hold()
    const refused = await this.#sendAll(messages, signal)
    const written = notRefused(messages, refused)
    await this.#takeBack(written, signal)
    return { written: written.length, duplicates: 0, deadLetters: refused.length }
  }

  /** Of a message that it does not hold, a tombstone says nothing. */
  async #forget(messages: readonly Message[], signal: AbortSignal): Promise<void> {
    if (messages.length === 0) return
    await this.#parts.cursor.hold()
    await this.#takeBack(messages, signal)
  }

  #takeBack(messages: readonly Message[], signal: AbortSignal): Promise<void> {
    const { settings, logId } = this.#parts
    return this.#sendAside(
      messages.map((message) => takenBack(settings.deadLetterTopic, logId, message)),
      signal,
    )
  }
}

/** The name and the reason of a dead letter are what is listed. */
const withoutPayload = (record: TopicRecord): TopicRecord => ({ ...record, value: record.value && Buffer.alloc(0) })

const recordBytes = ({ record }: Ready): number => record.bytes
