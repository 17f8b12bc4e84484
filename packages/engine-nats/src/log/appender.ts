/**
 * Commits what was gathered, one message after the other: while one is on its way the next one grows. Each names its
 * predecessor in the stream, so none can be stored twice or out of order, nor behind a fence. What is answered by nothing
 * is sent again; what is refused because something else stands in its place is looked at: it is ours, or a fence.
 */
import type { LogStatus } from '@hawser/engine'
import { type Clock, disposable, HawserError, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import type { JetStreamClient } from '@nats-io/jetstream'
import { fencedError } from '../fenced-error.ts'
import { refusalOf } from '../stream/refusal.ts'
import type { StoredMessage } from '../stream/stored-messages.ts'
import { codeOf, type Streams } from '../stream/streams.ts'
import type { GatheredMessage, Gatherer } from './gatherer.ts'
import { readMessageHead, writeMessageHead } from './log-message.ts'

export interface AppenderOptions {
  readonly jetstream: JetStreamClient
  readonly streams: Streams
  readonly clock: Clock
  readonly stream: string
  readonly subject: string
  readonly gatherer: Gatherer
  /** Of this life of the lane. */
  readonly epoch: number
  /** Number of the stream's last message. */
  readonly lastSequence: number
  /** Position of the next record. */
  readonly next: number
  readonly onCommitted: (message: GatheredMessage, sequence: number, first: number) => void
  /** Who appends is held up for so long by servers that do not answer, or choose a leader; then it is told. */
  readonly patienceMs: Milliseconds
}

/** Something else stands where the message was to be. */
const wrongLastSequence = 10071
/** As above, but that is not committed yet. */
const otherInFlight = 10164
const answerMsMax: Milliseconds = milliseconds(2000)
const retryMs: Milliseconds = milliseconds(100)
const fullRetryMs: Milliseconds = milliseconds(1000)

type Answer =
  | { readonly kind: 'stored'; readonly sequence: number }
  | { readonly kind: 'again'; readonly after: Milliseconds }

export class Appender {
  readonly #options: AppenderOptions
  readonly #statusListeners = new Set<(status: LogStatus) => void>()
  #status: LogStatus = { kind: 'open' }
  #number = 0
  #lastSequence: number
  #next: number
  #draining: Promise<void> | undefined
  #isClosing = false

  constructor(options: AppenderOptions) {
    this.#options = options
    this.#lastSequence = options.lastSequence
    this.#next = options.next
  }

  get status(): LogStatus {
    return this.#status
  }

  get isClosed(): boolean {
    return this.#isClosing && this.#status.kind === 'failed'
  }

  onStatus(listener: (status: LogStatus) => void): Disposable {
    this.#statusListeners.add(listener)
    return disposable(() => this.#statusListeners.delete(listener))
  }

  /** Something was gathered: it goes once the turn is over, so that all of the turn goes together. */
  schedule(): void {
    this.#draining ??= this.#drain()
  }

  /** Commits what was gathered, within a bound, and takes nothing more. */
  async close(patienceMs: Milliseconds): Promise<void> {
    const { gatherer, clock } = this.#options
    this.#isClosing = true
    gatherer.setAccepting(false)
    const late = new AbortController()
    await Promise.race([this.#draining, sleep(clock, patienceMs, late.signal).catch(() => undefined)])
    late.abort()
    this.fail(closedError())
    this.#statusListeners.clear()
  }

  /** Nothing can be committed any more. */
  fail(error: HawserError): void {
    this.#options.gatherer.setAccepting(false)
    this.#setStatus({ kind: 'failed', error })
  }

  async #drain(): Promise<void> {
    await new Promise(setImmediate)
    for (;;) {
      const message = this.#status.kind === 'failed' ? undefined : this.#options.gatherer.take()
      if (message === undefined) break
      await this.#commit(message)
    }
    this.#draining = undefined
  }

  async #commit(message: GatheredMessage): Promise<void> {
    const { gatherer, clock, epoch, onCommitted } = this.#options
    const { bytes, count } = message
    const first = this.#next
    writeMessageHead(bytes, { kind: 'records', count, epoch, number: ++this.#number, first })
    const sinceMs = clock.monotonicMs()
    while (this.#status.kind !== 'failed') {
      const answer = await this.#send(message, sinceMs)
      if (answer.kind === 'again') {
        await sleep(clock, answer.after)
        continue
      }
      this.#lastSequence = answer.sequence
      this.#next = first + count
      gatherer.committed(message)
      onCommitted(message, answer.sequence, first)
      if (this.#status.kind === 'full') this.#setStatus({ kind: 'open' })
      return
    }
  }

  async #send({ bytes }: GatheredMessage, sinceMs: Milliseconds): Promise<Answer> {
    const { jetstream, subject, clock, patienceMs } = this.#options
    const expect = { lastSequence: this.#lastSequence }
    try {
      const { seq } = await jetstream.publish(subject, bytes, { expect, timeout: answerMsMax })
      return { kind: 'stored', sequence: seq }
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal !== undefined) {
        this.#setStatus({ kind: 'full', error: refusal })
        return { kind: 'again', after: fullRetryMs }
      }
      if (codeOf(error) === wrongLastSequence) return this.#lookAt()
      if (codeOf(error) !== otherInFlight && clock.monotonicMs() - sinceMs > patienceMs) {
        this.#setStatus({ kind: 'full', error: awayError(error) })
      }
      return { kind: 'again', after: retryMs }
    }
  }

  /** What stands where the message was to be. */
  async #lookAt(): Promise<Answer> {
    const { streams, stream, epoch } = this.#options
    const again = { kind: 'again', after: retryMs } as const
    let found: StoredMessage | undefined
    try {
      found = await streams.at(stream, this.#lastSequence + 1)
      if (found === undefined && (await streams.extent(stream)).last < this.#lastSequence) {
        this.fail(lostError(stream, this.#lastSequence))
      }
    } catch {
      // Nobody answers now: the message goes out again, and is refused again.
      return again
    }
    if (found === undefined) return again
    if (isOurs(found.data, epoch, this.#number)) return { kind: 'stored', sequence: found.sequence }
    this.fail(fencedError())
    return again
  }

  #setStatus(status: LogStatus): void {
    const { kind } = this.#status
    if (kind === 'failed' || kind === status.kind) return
    this.#status = status
    if (status.kind !== 'failed') this.#options.gatherer.setAccepting(status.kind === 'open' && !this.#isClosing)
    for (const listener of [...this.#statusListeners]) listener(status)
  }
}

/** What this version cannot read is none of its own. */
function isOurs(data: Buffer, epoch: number, number: number): boolean {
  try {
    const head = readMessageHead(data)
    return head.kind === 'records' && head.epoch === epoch && head.number === number
  } catch (error) {
    if (error instanceof HawserError) return false
    throw error
  }
}

export const closedError = (): HawserError => new HawserError('LOG_CLOSED', 'the log is closed')

const lostError = (stream: string, sequence: number): HawserError =>
  new HawserError('DATA_CORRUPT', `the stream ${stream} has lost message ${sequence}, which it had acknowledged`, {
    mend: "run the NATS servers with 'sync_interval: always' and at least 3 replicas",
  })

const awayError = (cause: unknown): HawserError =>
  new HawserError('ENGINE_UNREACHABLE', 'the NATS servers commit nothing', {
    retryable: true,
    mend: 'see that a quorum of them runs; writing goes on by itself',
    cause,
  })
