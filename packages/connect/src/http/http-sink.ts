/**
 * An open way to a server that takes messages by POST. What goes out at a time is bounded; messages of one topic stay
 * in one lane, and so in order. A request that is refused is halved until it is known which message is meant. Of a
 * batch that fails midway the cursor keeps what was taken, so that a server which lets little through at a time is
 * not sent the same again and again.
 */
import { createHash } from 'node:crypto'
import { type LogId, type Position, position } from '@hawser/engine'
import type { Clock } from '@hawser/std'
import { chunksOf } from '../chunks.ts'
import {
  type Checkpoint,
  type DeadLetters,
  type Message,
  type MessageBatch,
  PartialWrite,
  type Sink,
  type WriteOutcome,
} from '../connector.ts'
import type { OwnedCursor } from '../cursor-store.ts'
import { type KeptLetters, keptDeadLetters } from '../kept-letters.ts'
import { notRefused, type Refused } from '../refused.ts'
import type { HttpClient, HttpRequest } from './client.ts'
import { refusalIn } from './verdict.ts'

/** A message as it stands in the body of a request. */
export interface Part {
  readonly message: Message
  readonly body: Buffer
}

/** What makes a webhook or a database of a server. */
export interface HttpForm {
  readonly part: (logId: LogId, message: Message) => Part | Refused
  readonly request: (logId: LogId, parts: readonly Part[]) => HttpRequest
}

export interface HttpBounds {
  readonly requestMessagesMax: number
  readonly requestBytesMax: number
  readonly inFlightMax: number
}

export interface HttpSinkParts {
  readonly url: URL
  readonly logId: LogId
  readonly form: HttpForm
  readonly bounds: HttpBounds
  readonly client: HttpClient
  readonly cursor: OwnedCursor
  readonly letters: KeptLetters
  readonly clock: Clock
}

/** What became of a batch, as far as it went. */
interface Progress {
  readonly refused: Refused[]
  /** Neither taken nor refused. */
  readonly open: Set<Message>
  readonly error: { readonly cause: unknown } | undefined
}

export class HttpSink implements Sink {
  readonly checkpoint: Checkpoint | undefined
  readonly deadLetters: DeadLetters
  readonly #parts: HttpSinkParts

  constructor(parts: HttpSinkParts) {
    this.#parts = parts
    this.checkpoint = parts.cursor.checkpoint
    const { letters, cursor } = parts
    this.deadLetters = keptDeadLetters(letters, cursor, (messages, signal) => this.#replay(messages, signal))
  }

  async write({ partition, from, until, messages }: MessageBatch, signal: AbortSignal): Promise<WriteOutcome> {
    const { cursor, letters } = this.#parts
    const { refused, open, error } = await this.#sendAll(messages, signal)
    if (error === undefined) {
      await cursor.advance({ partition, from, until }, letters.add(refused))
      return outcomeOf(messages, refused)
    }
    const reached = firstOf(open, until)
    const passed = messages.filter(({ position }) => position < reached)
    if (passed.length === 0) throw error.cause
    const passedOver = refused.filter(({ message }) => message.position < reached)
    await cursor.advance({ partition, from, until: reached }, letters.add(passedOver))
    throw new PartialWrite(passed, outcomeOf(passed, passedOver), error.cause)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.client[Symbol.dispose]()
  }

  async #replay(messages: readonly Message[], signal: AbortSignal): Promise<WriteOutcome> {
    const { cursor, letters } = this.#parts
    const { refused, open, error } = await this.#sendAll(messages, signal)
    const written = notRefused(messages, refused).filter((message) => !open.has(message))
    await cursor.keep(letters.remove(written))
    if (error !== undefined) throw error.cause
    return { written: written.length, duplicates: 0, deadLetters: refused.length }
  }

  async #sendAll(messages: readonly Message[], signal: AbortSignal): Promise<Progress> {
    const { form, logId, bounds, cursor } = this.#parts
    const refused: Refused[] = []
    const open = new Set<Message>()
    const lanes = new Map<number, Part[]>()
    for (const message of messages) {
      const part = form.part(logId, message)
      if ('reason' in part) refused.push(part)
      else if (part.body.length > bounds.requestBytesMax) refused.push({ message, reason: tooLarge(part, bounds) })
      else {
        open.add(message)
        const number = laneOf(message.topic, bounds.inFlightMax)
        const lane = lanes.get(number)
        if (lane === undefined) lanes.set(number, [part])
        else lane.push(part)
      }
    }
    let error: { readonly cause: unknown } | undefined
    const run = async (parts: readonly Part[]): Promise<void> => {
      for (const chunk of chunksOf(parts, bodyBytes, bounds.requestBytesMax, bounds.requestMessagesMax)) {
        if (error !== undefined) return
        try {
          // A stalled owner that wakes sends no more than one request behind the next one's back.
          await cursor.hold()
          await this.#send(chunk, refused, open, signal)
        } catch (cause) {
          error ??= { cause }
        }
      }
    }
    await Promise.all([...lanes.values()].map(run))
    return { refused, open, error }
  }

  async #send(chunk: readonly Part[], refused: Refused[], open: Set<Message>, signal: AbortSignal): Promise<void> {
    const { client, form, logId, url, clock } = this.#parts
    const answer = await client.post(form.request(logId, chunk), signal)
    const reason = refusalIn(answer, url, clock)
    const [only] = chunk
    if (reason !== undefined && chunk.length > 1) {
      const half = chunk.length >>> 1
      await this.#send(chunk.slice(0, half), refused, open, signal)
      return this.#send(chunk.slice(half), refused, open, signal)
    }
    if (reason !== undefined && only !== undefined) refused.push({ message: only.message, reason })
    for (const { message } of chunk) open.delete(message)
  }
}

const bodyBytes = ({ body }: Part): number => body.length

const outcomeOf = (messages: readonly Message[], refused: readonly Refused[]): WriteOutcome => ({
  written: messages.length - refused.length,
  duplicates: 0,
  deadLetters: refused.length,
})

const tooLarge = ({ body }: Part, { requestBytesMax }: HttpBounds): string =>
  `too-large: ${body.length} bytes of ${requestBytesMax}`

/** All before it are settled. */
const firstOf = (open: ReadonlySet<Message>, until: Position): Position =>
  position([...open].reduce((least, message) => Math.min(least, message.position), until as number))

const laneOf = (topic: string, lanes: number): number =>
  lanes === 1 ? 0 : createHash('sha1').update(topic).digest().readUInt32BE(0) % lanes
