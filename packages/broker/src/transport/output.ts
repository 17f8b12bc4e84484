/**
 * What is to be sent to one connection, gathered during an event-loop turn and written once (lever: one flush a turn).
 *
 * It is a list of ranges. Bytes for this connection alone are written into its own chunk; bytes for many lie in a
 * shared chunk that each of them refers to (lever: encode once per kind of receiver). Neighbouring ranges grow
 * together, so that a burst is one range.
 */
import { type Chunk, type ChunkPool, largeChunkBytes, smallChunkBytes } from './chunk.ts'
import type { Flusher } from './flusher.ts'
import type { Transport, Writer } from './transport.ts'

/**
 * Past this a burst is written before the turn ends, so that latency does not grow with load: ahead of the next range,
 * because the newest one may not be filled yet.
 */
const earlyFlushBytes = 262_144

/** Each connection's, whatever the others hold: a few large packets. */
const shareBytes = 65_536

export class Output implements Writer {
  /** The buffer that the last `reserve` was made in. */
  target: Buffer = emptyBuffer
  /** All that the transport has not said to be written. */
  pendingBytes = 0
  /** Handed to the transport since the connection began. */
  sentBytes = 0
  dirty = false
  #drainIsAwaited = false
  /** Reads along; undefined: nobody does. */
  tracer: { written(bytes: Buffer): void } | undefined
  readonly #transport: Transport
  readonly #pool: ChunkPool
  readonly #flusher: Flusher
  readonly #onDrain: () => void
  readonly #highWaterBytes: number
  #own: Chunk | undefined
  #chunks: Chunk[] = []
  #starts: number[] = []
  #ends: number[] = []
  #queuedBytes = 0
  /** Writes under way, oldest first. */
  readonly #writing: { readonly chunk: Chunk; readonly bytes: number }[] = []
  #closed = false

  constructor(transport: Transport, pool: ChunkPool, flusher: Flusher, highWaterBytes: number, onDrain: () => void) {
    this.#transport = transport
    this.#pool = pool
    this.#flusher = flusher
    this.#highWaterBytes = highWaterBytes
    this.#onDrain = onDrain
  }

  /** Whoever is told so may count on the drain. */
  get congested(): boolean {
    const { pendingBytes } = this
    const isFull = pendingBytes > this.#highWaterBytes || (pendingBytes > shareBytes && this.#pool.crowded)
    if (isFull) this.#drainIsAwaited = true
    return isFull
  }

  /** Makes room for `bytes` in `target` and answers where they start; the caller fills them at once. */
  reserve(bytes: number): number {
    if (this.#queuedBytes > earlyFlushBytes) this.flush()
    let own = this.#own
    if (own === undefined || own.free < bytes) own = this.#nextOwn(bytes)
    const start = own.used
    own.used += bytes
    this.target = own.buffer
    this.#addRange(own, start, start + bytes)
    return start
  }

  /** Adds a range of a chunk that others may send too. */
  share(chunk: Chunk, start: number, end: number): void {
    if (this.#queuedBytes > earlyFlushBytes) this.flush()
    this.#addRange(chunk, start, end)
  }

  /** Copies a packet. */
  write(bytes: Buffer): void {
    const at = this.reserve(bytes.length)
    bytes.copy(this.target, at)
  }

  flush(): void {
    this.dirty = false
    if (this.#closed || this.#queuedBytes === 0) return
    const bytes = this.#queuedBytes
    const joined = this.#join()
    this.#queuedBytes = 0
    this.#releaseOwn()
    this.sentBytes += bytes
    const joint = joined.chunk.buffer.subarray(joined.start, joined.end)
    this.tracer?.written(joint)
    if (!this.#transport.write(joint, this)) this.#writing.push({ chunk: joined.chunk, bytes })
    else {
      this.#isOut(joined.chunk, bytes)
      // Later: whoever gathers now may be in the middle of a packet.
      if (this.#drainIsAwaited) process.nextTick(tellDrained, this)
    }
  }

  written(): void {
    const write = this.#writing.shift()
    if (write === undefined) return
    this.#isOut(write.chunk, write.bytes)
    this.tellDrained()
  }

  /** Tells whoever was told of the congestion, once it is over. */
  tellDrained(): void {
    if (!this.#drainIsAwaited || this.#closed || this.congested) return
    this.#drainIsAwaited = false
    this.#onDrain()
  }

  /** Forgets what was not handed over. */
  close(): void {
    this.#closed = true
    for (const chunk of this.#chunks) this.#pool.release(chunk)
    this.#chunks = []
    this.#queuedBytes = 0
    this.#releaseOwn()
  }

  #nextOwn(bytes: number): Chunk {
    // A connection that sends little holds little.
    const first = this.#own === undefined && bytes <= smallChunkBytes
    this.#releaseOwn()
    const own = this.#pool.take(first ? bytes : Math.max(bytes, largeChunkBytes))
    this.#own = own
    return own
  }

  #releaseOwn(): void {
    if (this.#own !== undefined) this.#pool.release(this.#own)
    this.#own = undefined
  }

  #addRange(chunk: Chunk, start: number, end: number): void {
    const bytes = end - start
    const last = this.#chunks.length - 1
    if (last >= 0 && this.#chunks[last] === chunk && this.#ends[last] === start) {
      this.#ends[last] = end
    } else {
      chunk.references++
      this.#chunks.push(chunk)
      this.#starts.push(start)
      this.#ends.push(end)
    }
    this.#queuedBytes += bytes
    this.pendingBytes += bytes
    if (!this.dirty) {
      this.dirty = true
      this.#flusher.add(this)
    }
  }

  /** All ranges as one: writing one buffer is cheaper than gathering several, up to sizes where copying is not. */
  #join(): { chunk: Chunk; start: number; end: number } {
    const [first] = this.#chunks
    if (first !== undefined && this.#chunks.length === 1) {
      const range = { chunk: first, start: this.#starts[0] ?? 0, end: this.#ends[0] ?? 0 }
      this.#clearRanges()
      return range
    }
    const chunk = this.#pool.take(this.#queuedBytes)
    let at = 0
    for (const [index, part] of this.#chunks.entries()) {
      at += part.buffer.copy(chunk.buffer, at, this.#starts[index], this.#ends[index])
      this.#pool.release(part)
    }
    this.#clearRanges()
    return { chunk, start: 0, end: at }
  }

  #clearRanges(): void {
    this.#chunks = []
    this.#starts = []
    this.#ends = []
  }

  #isOut(chunk: Chunk, bytes: number): void {
    this.#pool.release(chunk)
    this.pendingBytes -= bytes
  }
}

const tellDrained = (output: Output): void => output.tellDrained()
const emptyBuffer = Buffer.alloc(0)
