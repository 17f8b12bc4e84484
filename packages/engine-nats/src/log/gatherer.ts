/**
 * Records on their way into messages. Levers: a record's bytes are written once, where they are sent from and read again
 * from while they are recent; nothing is allocated per record. Memory comes in slabs, which live as long as any of their
 * messages is in somebody's hands.
 */
import { recordBytes, recordKind, reserveRefused, writeRecordHead } from '@hawser/engine'
import { messageHeadBytes, recordsPerMessageMax } from './log-message.ts'

export interface GathererOptions {
  /** What may wait to be committed; beyond it nothing is reserved. */
  readonly pendingBytesMax: number
  /** So much goes together; a larger record goes alone. */
  readonly messageBytesMax: number
  readonly recordBytesMax: number
  /** Called when something is there to commit, once until all of it is taken. */
  readonly onPending: () => void
}

export interface GatheredMessage {
  /** Its head is still to be written. */
  readonly bytes: Buffer
  readonly count: number
  readonly offsets: Uint32Array
  readonly firstTicket: number
}

const slabBytes = 1 << 20
const topicBytesMax = 0xffff
const congestedShare = 0.5

export class Gatherer {
  readonly recordBytesMax: number
  buffer = Buffer.alloc(0)
  lastTicket = -1
  pendingBytes = 0
  readonly #options: GathererOptions
  readonly #closed: GatheredMessage[] = []
  readonly #offsets = new Uint32Array(recordsPerMessageMax)
  /** Of the growing message; none grows while `#limit` is 0. */
  #start = 0
  #head = 0
  #limit = 0
  #count = 0
  #accepts = true

  constructor(options: GathererOptions) {
    this.#options = options
    this.recordBytesMax = options.recordBytesMax
  }

  get congested(): boolean {
    return this.pendingBytes > this.#options.pendingBytesMax * congestedShare
  }

  /** While closed, every reserve is refused; what was gathered stays. */
  setAccepting(accepts: boolean): void {
    this.#accepts = accepts
  }

  reserve(kind: number, flags: number, topicBytes: number, bodyBytes: number): number {
    const bytes = recordBytes(topicBytes, bodyBytes)
    if (bytes > this.recordBytesMax || topicBytes > topicBytesMax) {
      throw new RangeError(`a record of ${bytes} bytes, ${topicBytes} of them topic, is over the log's limit`)
    }
    if (!this.#accepts || this.pendingBytes + bytes > this.#options.pendingBytesMax) return reserveRefused
    if (this.#head + bytes > this.#limit || this.#count === recordsPerMessageMax) this.#open(bytes)
    const at = this.#head
    this.#offsets[this.#count++] = at - this.#start
    this.#head = at + bytes
    this.pendingBytes += bytes
    this.lastTicket++
    const end = writeRecordHead(this.buffer, at, kind, flags, topicBytes, bodyBytes)
    // What follows a barrier waits for it, and so must not stand in one message with it.
    if (kind === recordKind.barrier) this.#limit = this.#head
    return end
  }

  /** The next message; the caller says when it is committed. */
  take(): GatheredMessage | undefined {
    if (this.#closed.length === 0) this.#close()
    return this.#closed.shift()
  }

  committed({ bytes }: GatheredMessage): void {
    this.pendingBytes -= bytes.length - messageHeadBytes
  }

  #open(bytes: number): void {
    this.#close()
    const need = messageHeadBytes + bytes
    if (this.#head + need > this.buffer.length) {
      this.buffer = Buffer.allocUnsafeSlow(Math.max(slabBytes, need))
      this.#head = 0
    }
    const room = Math.min(this.#options.messageBytesMax, this.buffer.length - this.#head)
    this.#start = this.#head
    this.#limit = this.#head + Math.max(need, room)
    this.#head += messageHeadBytes
    if (this.#closed.length === 0) this.#options.onPending()
  }

  #close(): void {
    if (this.#count === 0) return
    this.#closed.push({
      bytes: this.buffer.subarray(this.#start, this.#head),
      count: this.#count,
      offsets: this.#offsets.slice(0, this.#count),
      firstTicket: this.lastTicket + 1 - this.#count,
    })
    this.#count = 0
    this.#limit = 0
  }
}
