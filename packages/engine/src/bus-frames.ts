/**
 * Frames between processes (little endian): u32 length of what follows | u16 length of the channel | channel (UTF-8) |
 * bytes. Written into a buffer that a whole turn of the event loop shares, and parsed where they were read.
 */

const lengthBytes = 4
const headBytes = 6
const channelBytesMax = 0xffff
const capacityAtFirst = 4 << 10
/** A buffer that a burst has made larger than this is not kept. */
const capacityKeptMax = 256 << 10
/** What a reader takes, whatever bound its peer has for its queues. */
export const frameBytesMax = 64 << 20
const broken = -1
const nothing = Buffer.alloc(0)

export const frameBytes = (channel: string, bytes: Uint8Array): number =>
  headBytes + Buffer.byteLength(channel) + bytes.length

/** Frames that wait to be written; bounded by its user. */
export class FrameGatherer {
  #buffer = nothing
  #used = 0

  get bytes(): number {
    return this.#used
  }

  add(channel: string, bytes: Uint8Array, frame: number): void {
    const channelBytes = frame - headBytes - bytes.length
    if (channelBytes > channelBytesMax) throw new RangeError(`a channel's name of ${channelBytes} bytes is too long`)
    this.#makeRoom(frame)
    const at = this.#used
    this.#buffer.writeUInt32LE(frame - lengthBytes, at)
    this.#buffer.writeUInt16LE(channelBytes, at + lengthBytes)
    this.#buffer.write(channel, at + headBytes)
    this.#buffer.set(bytes, at + headBytes + channelBytes)
    this.#used = at + frame
  }

  /** What was gathered; it belongs to the caller until it is given to `reset`. */
  gathered(): Buffer {
    return this.#buffer.subarray(0, this.#used)
  }

  reset(): void {
    this.#used = 0
    if (this.#buffer.length > capacityKeptMax) this.#buffer = nothing
  }

  #makeRoom(bytes: number): void {
    const needed = this.#used + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2, capacityAtFirst))
    this.#buffer.copy(larger, 0, 0, this.#used)
    this.#buffer = larger
  }
}

/** Cuts a stream into frames. What is allocated grows with what has arrived, not with what a length claims. */
export class FrameParser {
  readonly #onFrame: (channel: string, bytes: Buffer) => void
  #parts: Buffer[] = []
  #partsBytes = 0
  #wanted = lengthBytes

  constructor(onFrame: (channel: string, bytes: Buffer) => void) {
    this.#onFrame = onFrame
  }

  /** Answers false for a stream that is not made of such frames; nothing more is to be pushed then. */
  push(chunk: Buffer): boolean {
    let data = chunk
    if (this.#partsBytes > 0) {
      this.#parts.push(chunk)
      this.#partsBytes += chunk.length
      if (this.#partsBytes < this.#wanted) return true
      data = Buffer.concat(this.#parts)
      this.#parts = []
      this.#partsBytes = 0
    }
    const parsed = this.#parse(data)
    if (parsed === broken) return false
    if (parsed === data.length) return true
    this.#parts.push(data.subarray(parsed))
    this.#partsBytes = data.length - parsed
    return true
  }

  /** Hands over the whole frames in `data` and answers where the unfinished one starts. */
  #parse(data: Buffer): number {
    let at = 0
    for (;;) {
      this.#wanted = lengthBytes
      if (data.length - at < lengthBytes) return at
      const end = at + lengthBytes + data.readUInt32LE(at)
      this.#wanted = end - at
      if (this.#wanted < headBytes || this.#wanted > frameBytesMax) return broken
      if (data.length < end) return at
      const start = at + headBytes + data.readUInt16LE(at + lengthBytes)
      if (start > end) return broken
      this.#onFrame(data.toString('utf8', at + headBytes, start), data.subarray(start, end))
      at = end
    }
  }
}
