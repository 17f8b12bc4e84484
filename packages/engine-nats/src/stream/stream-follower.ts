/**
 * Hands over a stream's messages, each once and in order, to one who takes them: live ones as the stream's leader tells
 * them to all, and what was missed, or is held back too long, from the stream itself. No consumer stands on the servers.
 */
import { type Clock, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import type { NatsConnection, Subscription } from '@nats-io/transport-node'
import { dataOf, readStored, type StoredMessage, sequenceOf } from './stored-messages.ts'

export interface StreamFollowerOptions {
  readonly connection: NatsConnection
  readonly stream: string
  /** Where the leader tells what has been committed. */
  readonly toldSubject: string
  readonly clock: Clock
  /** The sequence number of the first message that is wanted. */
  readonly from: number
  /** Answers false where it does not take it yet: it is offered again by `offer`. */
  readonly take: (message: StoredMessage) => boolean
  /** Messages below `sequence` are wanted and are there no more: it goes on from there. */
  readonly onGone: (sequence: number) => void
}

/** What is kept of live messages while they are not taken; more is read again from the stream. */
const waitingBytesMax = 8 << 20
/** What nobody has told is looked for so often. */
const lookMs: Milliseconds = milliseconds(1000)
/** A server may be behind the one that has committed. */
const behindMs: Milliseconds = milliseconds(5)
const retryMs: Milliseconds = milliseconds(250)

export class StreamFollower {
  readonly #options: StreamFollowerOptions
  readonly #ending = new AbortController()
  readonly #subscription: Subscription
  /** In order, without a gap, the first is the next to be taken. */
  #waiting: StoredMessage[] = []
  #waitingBytes = 0
  #next: number
  /** Up to and with this message the stream is known to go. */
  #known: number
  #isOffering = false
  #timer: Disposable | undefined
  #reading: Promise<void> | undefined
  #reached: { readonly sequence: number; readonly resolve: () => void }[] = []

  constructor(options: StreamFollowerOptions) {
    this.#options = options
    this.#next = options.from
    this.#known = options.from - 1
    this.#subscription = options.connection.subscribe(options.toldSubject, {
      callback: (_error, message) => this.#told({ sequence: sequenceOf(message), data: dataOf(message) }),
    })
    this.#armLook()
  }

  /** Resolves once the message has been taken, or is not wanted any more because the follower was closed. */
  reached(sequence: number): Promise<void> {
    if (this.#next > sequence || this.#ending.signal.aborted) return Promise.resolve()
    this.#known = Math.max(this.#known, sequence)
    return new Promise((resolve) => {
      this.#reached.push({ sequence, resolve })
      this.#readOn()
    })
  }

  /** Offers what was not taken once more. */
  readonly offer = (): void => {
    if (this.#isOffering) return
    this.#isOffering = true
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#ending.signal.aborted || !this.#options.take(first)) break
      this.#waiting.shift()
      this.#waitingBytes -= first.data.length
      this.#next++
    }
    this.#isOffering = false
    this.#settle()
  }

  close(): void {
    this.#ending.abort()
    this.#timer?.[Symbol.dispose]()
    if (!this.#options.connection.isClosed()) this.#subscription.unsubscribe()
    for (const { resolve } of this.#reached.splice(0)) resolve()
  }

  get #waitingEnd(): number {
    return this.#next + this.#waiting.length
  }

  #told(message: StoredMessage): void {
    this.#known = Math.max(this.#known, message.sequence)
    if (message.sequence === this.#waitingEnd && this.#keep(message)) this.offer()
    else this.#readOn()
  }

  #keep(message: StoredMessage): boolean {
    if (this.#waitingBytes > waitingBytesMax) return false
    this.#waiting.push(message)
    this.#waitingBytes += message.data.length
    return true
  }

  #readOn(): void {
    const isMissing = this.#known >= this.#waitingEnd && this.#waitingBytes <= waitingBytesMax
    if (!isMissing || this.#reading !== undefined || this.#ending.signal.aborted) return
    this.#reading = this.#read(false).finally(() => {
      this.#reading = undefined
      this.#readOn()
    })
  }

  /** Reads once; `isLook`: there may be nothing. */
  async #read(isLook: boolean): Promise<void> {
    const { signal } = this.#ending
    try {
      const from = this.#waitingEnd
      const messages = await readStored(this.#options, from)
      if (signal.aborted) return
      for (const message of messages) this.#takeIn(message)
      this.offer()
      if (messages.length === 0 && !isLook) await sleep(this.#options.clock, behindMs, signal)
    } catch {
      // The servers are away or choose a leader: what was told stays wanted, and is asked for again.
      await sleep(this.#options.clock, retryMs, signal).catch(() => undefined)
    }
  }

  #takeIn(message: StoredMessage): void {
    this.#known = Math.max(this.#known, message.sequence)
    if (message.sequence > this.#waitingEnd && this.#waiting.length === 0) {
      this.#next = message.sequence
      this.#options.onGone(message.sequence)
    }
    if (message.sequence === this.#waitingEnd) this.#keep(message)
  }

  #settle(): void {
    const isReached = ({ sequence }: { readonly sequence: number }): boolean => sequence < this.#next
    for (const { resolve } of this.#reached.filter(isReached)) resolve()
    this.#reached = this.#reached.filter((waiting) => !isReached(waiting))
    this.#readOn()
  }

  /** Looks at once for what nobody has told. */
  #look(): void {
    this.#reading ??= this.#read(true).finally(() => {
      this.#reading = undefined
      this.#readOn()
    })
  }

  #armLook(): void {
    this.#timer = this.#options.clock.after(lookMs, () => {
      this.#look()
      this.#armLook()
    })
  }
}
