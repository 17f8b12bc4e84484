/** Walks MQTT frames where they lie; only the unfinished one at the end of a read is copied. */

/** Called for each whole frame: its first byte, where its body starts, and where it ends. */
export type OnFrame = (bytes: Buffer, first: number, body: number, end: number) => void

/** What is copied of an unfinished frame at first; it doubles where a frame is larger. */
const carriedBytesAtFirst = 4 * 1024
/** Larger frames are not asked for here. */
export const frameBytesMax = 2 * 1024 * 1024
const nothing = Buffer.alloc(0)

/** Answers where the first unfinished frame starts. */
export function walkFrames(bytes: Buffer, from: number, end: number, onFrame: OnFrame): number {
  let at = from
  while (at + 2 <= end) {
    let body = at + 2
    let length = bytes[at + 1] as number
    if (length > 0x7f) {
      length &= 0x7f
      for (let shift = 7; ; shift += 7) {
        if (body >= end) return at
        const more = bytes[body++] as number
        length |= (more & 0x7f) << shift
        if (more <= 0x7f) break
        if (shift === 21) throw new Error('a frame whose length has no end')
      }
      if (length > frameBytesMax) throw new Error(`a frame of ${length} bytes: larger than any that is asked for`)
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
    for (let copied = 0; copied < count; ) {
      const room = Math.max(this.#carried.length - this.#carriedBytes, carriedBytesAtFirst)
      copied += this.#carry(read, copied, Math.min(count, copied + room))
      const walked = walkFrames(this.#carried, 0, this.#carriedBytes, this.#onFrame)
      if (walked === 0) continue
      this.#carriedBytes = 0
      return walked - before
    }
    return -1
  }

  #carry(read: Buffer, from: number, end: number): number {
    const bytes = this.#carriedBytes + end - from
    if (bytes > this.#carried.length) this.#grow(bytes)
    read.copy(this.#carried, this.#carriedBytes, from, end)
    this.#carriedBytes = bytes
    return end - from
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafe(Math.max(bytes, carriedBytesAtFirst, 2 * this.#carried.length))
    this.#carried.copy(grown, 0, 0, this.#carriedBytes)
    this.#carried = grown
  }
}
