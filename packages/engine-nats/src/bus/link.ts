/**
 * What ties this node to one life of another one: a stream of frames each way, cut into numbered segments. Core NATS
 * keeps the order of one publisher and loses what is on its way when a connection or a server ends; so what a peer has
 * not confirmed is kept, within the queue's bound, and sent again from where it says that it misses something.
 */
import { FrameGatherer, FrameParser, frameBytes } from '@hawser/engine'
import type { Milliseconds } from '@hawser/std'
import { encodeSegment, encodeStatus, type PeerKey, statusFlag } from './wire.ts'

export interface LinkOptions {
  readonly self: PeerKey
  readonly peer: PeerKey
  readonly queueBytesMax: number
  readonly segmentBytesMax: number
  readonly now: Milliseconds
  readonly onFrame: (channel: string, bytes: Buffer) => void
  /** To the peer's subject; what is given is not changed any more. */
  readonly publish: (bytes: Buffer) => void
  /** The stream is none of ours. */
  readonly onBroken: () => void
}

/** So much is taken in, at most, before the peer is told that it has arrived. */
const confirmBytes = 512 << 10

interface Segment {
  readonly number: number
  readonly bytes: Buffer
}

export class Link {
  readonly peer: PeerKey
  readonly #options: LinkOptions
  readonly #gatherer = new FrameGatherer()
  readonly #parser: FrameParser
  #unconfirmed: Segment[] = []
  #unconfirmedBytes = 0
  #next = 0
  #expected = 0
  #arrivedBytes = 0
  #hasToldGap = false
  #isScheduled = false
  #isClosed = false
  #onConfirmed: (() => void) | undefined
  heardMs: Milliseconds
  /** The servers say that nobody listens on its subject: since when, and how often they have. */
  missing: { readonly sinceMs: Milliseconds; times: number } | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    this.peer = options.peer
    this.heardMs = options.now
    this.#parser = new FrameParser(options.onFrame)
  }

  send(channel: string, bytes: Uint8Array): boolean {
    const frame = frameBytes(channel, bytes)
    const { queueBytesMax, segmentBytesMax } = this.#options
    if (this.#isClosed || this.#unconfirmedBytes + this.#gatherer.bytes + frame > queueBytesMax) return false
    this.#gatherer.add(channel, bytes, frame)
    if (this.#gatherer.bytes >= segmentBytesMax) this.#flush()
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      setImmediate(this.#flushScheduled)
    }
    return true
  }

  tellStatus(flags = 0): void {
    const { self, publish } = this.#options
    this.#arrivedBytes = 0
    publish(encodeStatus(self, flags, this.#expected, this.#next))
  }

  segmentArrived(number: number, bytes: Buffer): void {
    if (number !== this.#expected) return this.#follows(number)
    this.#expected++
    this.#hasToldGap = false
    if (!this.#parser.push(bytes)) return this.#options.onBroken()
    this.#arrivedBytes += bytes.length
    if (this.#arrivedBytes >= confirmBytes) this.tellStatus()
  }

  statusArrived(flags: number, expected: number, next: number): void {
    this.#confirm(expected)
    if ((flags & statusFlag.hasGap) !== 0) for (const { bytes } of this.#unconfirmed) this.#options.publish(bytes)
    // What it has sent before this has not arrived, and never will by itself.
    this.#hasToldGap = false
    this.#follows(next)
    if ((flags & statusFlag.wantsAnswer) !== 0) this.tellStatus()
  }

  /** Resolves once the peer has confirmed all that was sent to it. */
  confirmed(): Promise<void> {
    this.#flush()
    this.tellStatus(statusFlag.wantsAnswer)
    return new Promise((resolve) => {
      this.#onConfirmed = resolve
      this.#confirm(0)
    })
  }

  close(): void {
    this.#isClosed = true
    this.#unconfirmed = []
    this.#gatherer.reset()
    this.#onConfirmed?.()
  }

  readonly #flushScheduled = (): void => {
    this.#isScheduled = false
    if (!this.#isClosed) this.#flush()
  }

  #flush(): void {
    const { self, segmentBytesMax, publish } = this.#options
    const gathered = this.#gatherer.gathered()
    for (let at = 0; at < gathered.length; at += segmentBytesMax) {
      const bytes = encodeSegment(self, this.#next, gathered.subarray(at, at + segmentBytesMax))
      this.#unconfirmed.push({ number: this.#next++, bytes })
      this.#unconfirmedBytes += bytes.length
      publish(bytes)
    }
    this.#gatherer.reset()
  }

  /** Something of the peer follows segment `number - 1`: tells it once where that one has not arrived. */
  #follows(number: number): void {
    if (number <= this.#expected || this.#hasToldGap) return
    this.#hasToldGap = true
    this.tellStatus(statusFlag.hasGap)
  }

  #confirm(expected: number): void {
    const first = this.#unconfirmed[0]?.number ?? this.#next
    for (const { bytes } of this.#unconfirmed.splice(0, Math.max(0, expected - first))) {
      this.#unconfirmedBytes -= bytes.length
    }
    if (this.#unconfirmed.length === 0) this.#onConfirmed?.()
  }
}
