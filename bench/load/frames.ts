/** Walks MQTT frames where they lie; only the unfinished one at the end of a read is copied. */

/** Called for each whole frame: its first byte, where its body starts, and where it ends. */
export type OnFrame = (bytes: Buffer, first: number, body: number, end: number) => void

/** An unfinished frame and what follows it; larger frames are not sent here. */
const carriedBytesMax = 4 * 1024
const nothing = Buffer.alloc(0)

/** Answers where the first unfinished frame starts. */
export function walkFrames(bytes: Buffer, from: number, end: number, onFrame: OnFrame): number {
  let at = from
  while (at + 2 <= end) {
    let body = at + 2
    let length = bytes[at + 1] as number
    if (length > 0x7f) {
      if (body >= end) break
      const high = bytes[body++] as number
      if (high > 0x7f) throw new Error('a frame larger than this generator sends')
      length = (length & 0x7f) | (high << 7)
    }
    const next = body + length
    if (next > end) break
    onFrame(bytes, bytes[at] as number, body, next)
    at = next
  }
  return at
}

export class FrameWalker {
  readonly #onFrame: OnFrame
  #carried = nothing
  #carriedBytes = 0

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame
  }

  /** Walks `count` bytes that were just read; they may be overwritten once this returns. */
  push(read: Buffer, count: number): void {
    const from = this.#carriedBytes === 0 ? 0 : this.#finishCarried(read, count)
    if (from < 0) return
    const rest = walkFrames(read, from, count, this.#onFrame)
    if (rest < count) this.#carry(read, rest, count)
  }

  /** Answers where in `read` the next whole frame starts; -1 where all of `read` is still an unfinished frame. */
  #finishCarried(read: Buffer, count: number): number {
    const before = this.#carriedBytes
    const added = this.#carry(read, 0, Math.min(count, carriedBytesMax - before))
    const walked = walkFrames(this.#carried, 0, this.#carriedBytes, this.#onFrame)
    if (walked > 0) {
      this.#carriedBytes = 0
      return walked - before
    }
    if (added < count) throw new Error('a frame larger than this generator sends')
    return -1
  }

  #carry(read: Buffer, from: number, end: number): number {
    if (this.#carried.length === 0) this.#carried = Buffer.allocUnsafe(carriedBytesMax)
    read.copy(this.#carried, this.#carriedBytes, from, end)
    this.#carriedBytes += end - from
    return end - from
  }
}
