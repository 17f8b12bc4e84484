/**
 * The ring where records are gathered into frames, committed from, and kept for a while for readers close to the end.
 *
 * Levers: `reserve` costs one comparison, two counters and the record's head (bench/log/append.ts); a record's bytes are
 * written once and never moved; nothing is allocated per record or per frame.
 *
 * Ownership, in ring order: [recent batches: readable until overwritten] tail [in commit, or handed to listeners] next
 * [closed or growing frames, not yet taken] head [free]. `wrapAt` is where the bytes stop before they go on at 0.
 */
import { recordBytes, recordHeadBytes, reserveRefused, writeRecordHead } from '@hawser/engine'
import { frameBytesMax, frameHeaderBytes, writeFrameHead } from './format.ts'
import { type RecentBatch, RecentBatches } from './recent-batches.ts'

export interface GatherOptions {
  /** Of the first record; each record's position is its ticket plus this. */
  readonly base: number
  /** How much may wait for the disk; beyond it nothing is reserved. */
  readonly pendingBytesMax: number
  /** How much of what is committed stays readable in memory. */
  readonly recentBytesMax: number
  readonly recordBytesMax: number
  /** Called when something is there to commit, once until it is taken. */
  readonly onPending: () => void
}

/** Whole frames, in one piece. */
export interface GatheredRange extends RecentBatch {
  readonly firstTicket: number
}

const congestedShare = 0.5
const topicBytesMax = 0xffff
const notWrapped = -1

export class GatherBuffer {
  readonly shared: SharedArrayBuffer
  readonly buffer: Buffer
  readonly recent = new RecentBatches()
  readonly recordBytesMax: number
  readonly #options: GatherOptions
  lastTicket = -1
  #accepts = true
  #head = 0
  /** How far the growing frame may reach; 0 while none is open, so that the next record opens one. */
  #frameLimit = 0
  #frameStart = 0
  #frameFirstTicket = 0
  #next = 0
  #nextTicket = 0
  #tail = 0
  #wrapAt = notWrapped
  #wrapTicket = 0
  #announced = false

  constructor(options: GatherOptions) {
    this.#options = options
    this.recordBytesMax = options.recordBytesMax
    this.shared = new SharedArrayBuffer(options.pendingBytesMax + options.recentBytesMax)
    this.buffer = Buffer.from(this.shared)
  }

  get pendingBytes(): number {
    return this.#wrapAt === notWrapped ? this.#head - this.#tail : this.#wrapAt - this.#tail + this.#head
  }

  get congested(): boolean {
    return this.pendingBytes > this.#options.pendingBytesMax * congestedShare
  }

  /** While closed, every reserve is refused; what was gathered stays. */
  setAccepting(accepts: boolean): void {
    this.#closeFrame()
    this.#accepts = accepts
  }

  reserve(kind: number, flags: number, topicBytes: number, bodyBytes: number): number {
    const bytes = recordHeadBytes + topicBytes + bodyBytes
    if (bytes > this.recordBytesMax || topicBytes > topicBytesMax) throw overLimit(topicBytes, bodyBytes)
    if (this.#head + bytes > this.#frameLimit && !this.#openFrame(bytes)) return reserveRefused
    const at = this.#head
    this.#head = at + bytes
    this.lastTicket++
    return writeRecordHead(this.buffer, at, kind, flags, topicBytes, bodyBytes)
  }

  /** What was reserved last is the last of its frame. */
  endFrame(): void {
    this.#closeFrame()
  }

  /** The next frames to commit, as far as they lie in one piece. They stay untouched until released. */
  take(): GatheredRange | undefined {
    this.#closeFrame()
    this.#announced = false
    if (this.#next === this.#wrapAt) this.#next = 0
    const isBeforeWrap = this.#next > this.#head
    const start = this.#next
    const end = isBeforeWrap ? this.#wrapAt : this.#head
    if (start === end) return undefined
    const firstTicket = this.#nextTicket
    this.#nextTicket = isBeforeWrap ? this.#wrapTicket : this.lastTicket + 1
    this.#next = end
    const { base } = this.#options
    return { start, end, firstTicket, first: base + firstTicket, next: base + this.#nextTicket }
  }

  /** Committed and handed over: readable until the ring comes round. */
  release(range: GatheredRange): void {
    this.#tail = range.end
    if (this.#tail !== this.#wrapAt) return
    this.#tail = 0
    this.#wrapAt = notWrapped
    if (this.#next === range.end) this.#next = 0
  }

  #openFrame(recordBytes: number): boolean {
    this.#closeFrame()
    const need = frameHeaderBytes + recordBytes
    if (!this.#accepts || this.pendingBytes + need > this.#options.pendingBytesMax) return false
    const room = this.#findRoom(need)
    if (room < need) return false
    this.#frameStart = this.#head
    this.#frameFirstTicket = this.lastTicket + 1
    this.#frameLimit = this.#head + Math.max(need, Math.min(room, frameBytesMax))
    this.recent.evict(this.#frameStart, this.#frameLimit)
    this.#head += frameHeaderBytes
    if (!this.#announced) {
      this.#announced = true
      this.#options.onPending()
    }
    return true
  }

  /** Bytes free in one piece at the head, which moves to the ring's start where the end is too near. */
  #findRoom(need: number): number {
    // One byte stays free, so that a full ring differs from an empty one.
    if (this.#wrapAt !== notWrapped) return this.#tail - this.#head - 1
    const atEnd = this.buffer.length - this.#head
    if (need <= atEnd) return atEnd
    if (this.#tail !== this.#head && need >= this.#tail) return 0
    // What the last round left behind the turning point is given up too: the ring forgets in order.
    this.recent.evict(this.#head, this.buffer.length)
    if (this.#tail === this.#head) {
      this.#tail = 0
      this.#next = 0
    } else {
      this.#wrapAt = this.#head
      this.#wrapTicket = this.lastTicket + 1
    }
    this.#head = 0
    return this.#wrapAt === notWrapped ? this.buffer.length : this.#tail - 1
  }

  #closeFrame(): void {
    if (this.#frameLimit === 0) return
    this.#frameLimit = 0
    const count = this.lastTicket + 1 - this.#frameFirstTicket
    const bodyBytes = this.#head - this.#frameStart - frameHeaderBytes
    const first = this.#options.base + this.#frameFirstTicket
    writeFrameHead(this.buffer, this.#frameStart, bodyBytes, count, first)
  }
}

const overLimit = (topicBytes: number, bodyBytes: number): RangeError =>
  new RangeError(
    `a record of ${recordBytes(topicBytes, bodyBytes)} bytes, ${topicBytes} of them topic, is over the log's limit`,
  )
