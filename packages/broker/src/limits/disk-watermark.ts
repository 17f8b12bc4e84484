/**
 * Whether the disk of the log has room. Below the watermark publishes that would be written are refused, so that what
 * is left serves acknowledgements and sessions; a little above it they are taken again.
 */
import type { Limits } from './limits.ts'

export interface DiskWatermarkParts {
  readonly limits: Limits
  /** What a process like this one may still write; undefined where nothing goes to a disk. */
  readonly freeBytes: (() => Promise<number>) | undefined
  /** It has become low, or is not any more. */
  readonly changed: (low: boolean, freeBytes: number) => void
}

const resumeShare = 1.1

export class DiskWatermark {
  readonly #parts: DiskWatermarkParts
  #low = false
  #freeBytes: number | undefined

  constructor(parts: DiskWatermarkParts) {
    this.#parts = parts
  }

  get low(): boolean {
    return this.#low
  }

  /** As it was when it was looked at last. */
  get freeBytes(): number | undefined {
    return this.#freeBytes
  }

  async look(): Promise<void> {
    const { limits, freeBytes, changed } = this.#parts
    if (freeBytes === undefined) return
    const free = await freeBytes()
    const { diskFreeBytesMin } = limits
    const low = free < (this.#low ? diskFreeBytesMin * resumeShare : diskFreeBytesMin)
    this.#freeBytes = free
    if (low === this.#low) return
    this.#low = low
    changed(low, free)
  }
}
