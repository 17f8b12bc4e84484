/**
 * What is to be sent to one connection, gathered during an event-loop turn and written once (lever: one flush a turn).
 *
 * It is a list of ranges. Bytes for this connection alone are written into its own chunk; bytes for many lie in a
 * shared chunk that each of them refers to (lever: encode once per kind of receiver). Neighbouring ranges grow
 * together, so that a burst is one range. Measure with the `bench/` rows "QoS 0 fan-out" and "QoS 1 pairs".
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

interface Range {
  readonly chunk: Chunk
  readonly start: number
  end: number
}

interface Write {
  readonly chunk: Chunk
  readonly bytes: number
}

/** Who gathers. */
export interface OutputOwner {
  /** There is room again, after it was said to be full. */
  drained(): void
}

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
  readonly #owner: OutputOwner
  readonly #highWaterBytes: number
  #own: Chunk | undefined
  /** The first range, which is mostly the only one: without a list until there is another. */
  #first: Chunk | undefined
  #firstStart = 0
  #firstEnd = 0
  #further: Range[] | undefined
  #queuedBytes = 0
  /** Writes under way, oldest first. */
  #writing: Write[] | undefined
  #closed = false

  constructor(transport: Transport, pool: ChunkPool, flusher: Flusher, highWaterBytes: number, owner: OutputOwner) {
    this.#transport = transport
    this.#pool = pool
    this.#flusher = flusher
    this.#highWaterBytes = highWaterBytes
    this.#owner = owner
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
    if (this.#further !== undefined) this.#join(this.#further)
    const chunk = this.#first
    if (chunk === undefined) return
    const joint = chunk.buffer.subarray(this.#firstStart, this.#firstEnd)
    this.#first = undefined
    this.#queuedBytes = 0
    this.#releaseOwn()
    this.sentBytes += bytes
    this.tracer?.written(joint)
    if (!this.#transport.write(joint, this)) {
      this.#writing ??= []
      this.#writing.push({ chunk, bytes })
      return
    }
    this.#isOut(chunk, bytes)
    // Later: whoever gathers now may be in the middle of a packet.
    if (this.#drainIsAwaited) process.nextTick(tellDrained, this)
  }

  written(): void {
    const write = this.#writing?.shift()
    if (write === undefined) return
    this.#isOut(write.chunk, write.bytes)
    this.tellDrained()
  }

  /** Tells whoever was told of the congestion, once it is over. */
  tellDrained(): void {
    if (!this.#drainIsAwaited || this.#closed || this.congested) return
    this.#drainIsAwaited = false
    this.#owner.drained()
  }

  /** Forgets what was not handed over. */
  close(): void {
    this.#closed = true
    if (this.#first !== undefined) this.#pool.release(this.#first)
    for (const { chunk } of this.#further ?? []) this.#pool.release(chunk)
    this.#first = undefined
    this.#further = undefined
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
    this.#extendOrAdd(chunk, start, end)
    this.#queuedBytes += bytes
    this.pendingBytes += bytes
    if (!this.dirty) {
      this.dirty = true
      this.#flusher.add(this)
    }
  }

  #extendOrAdd(chunk: Chunk, start: number, end: number): void {
    const last = this.#further?.at(-1)
    if (last !== undefined) {
      if (last.chunk === chunk && last.end === start) {
        last.end = end
        return
      }
    } else if (this.#first === chunk && this.#firstEnd === start) {
      this.#firstEnd = end
      return
    }
    chunk.references++
    if (this.#first === undefined) {
      this.#first = chunk
      this.#firstStart = start
      this.#firstEnd = end
      return
    }
    this.#further ??= []
    this.#further.push({ chunk, start, end })
  }

  /** All ranges as one: writing one buffer is cheaper than gathering several, up to sizes where copying is not. */
  #join(further: readonly Range[]): void {
    const first = this.#first
    if (first === undefined) return
    const joint = this.#pool.take(this.#queuedBytes)
    let at = first.buffer.copy(joint.buffer, 0, this.#firstStart, this.#firstEnd)
    this.#pool.release(first)
    for (const { chunk, start, end } of further) {
      at += chunk.buffer.copy(joint.buffer, at, start, end)
      this.#pool.release(chunk)
    }
    this.#first = joint
    this.#firstStart = 0
    this.#firstEnd = at
    this.#further = undefined
  }

  #isOut(chunk: Chunk, bytes: number): void {
    this.#pool.release(chunk)
    this.pendingBytes -= bytes
  }
}

const tellDrained = (output: Output): void => output.tellDrained()
const emptyBuffer = Buffer.alloc(0)
