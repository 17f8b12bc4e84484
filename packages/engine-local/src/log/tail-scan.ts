/**
 * Walks a segment that was not sealed and tells how far it holds. Behind damage it looks for sound frames: one that says
 * that the damaged positions were durable makes it corruption, which is reported and stays; otherwise it is the torn
 * end of a batch that nobody was told of, which is cut off.
 */
import { type FileHandleNumber, type FilePort, readUpTo } from './files.ts'
import {
  frameBytesMax,
  frameCommittedMicros,
  frameCount,
  frameDurableUpTo,
  frameEnd,
  frameFirstPosition,
  frameHeaderBytes,
  frameIsSound,
  frameMagic,
  segmentHeaderBytes,
} from './format.ts'

const windowBytes = 1 << 20
const magicBytes = Buffer.alloc(4)
magicBytes.writeUInt32LE(frameMagic)

export interface Gap {
  readonly offset: number
  /** The positions [from, next) cannot be read. */
  readonly from: number
  readonly next: number
}

export interface TailScan {
  readonly end: number
  readonly dataEnd: number
  readonly lastMicros: number
  /** What lies from here to `dataEnd` may stand in the page cache alone. */
  readonly uncertainFrom: number
  readonly damage: readonly Gap[]
}

/** A part of a file in memory, moved along as the scan goes on. */
class Window {
  bytes = Buffer.alloc(0)
  readonly #files: FilePort
  readonly #file: FileHandleNumber
  readonly #size: number
  #start = 0

  constructor(files: FilePort, file: FileHandleNumber, size: number) {
    this.#files = files
    this.#file = file
    this.#size = size
  }

  /** Where in `bytes` the file's `offset` is, with `length` bytes behind it as far as there are so many. */
  show(offset: number, length: number): number {
    const wanted = Math.min(length, this.#size - offset)
    if (offset < this.#start || offset + wanted > this.#start + this.bytes.length) {
      const bytes = Buffer.allocUnsafe(Math.min(Math.max(wanted, windowBytes), this.#size - offset))
      this.bytes = bytes.subarray(0, readUpTo(this.#files, this.#file, bytes, offset))
      this.#start = offset
    }
    return offset - this.#start
  }

  /** Whether a sound frame stands at `offset` that goes on at `from` or behind; it is shown then. */
  hasFrame(offset: number, from: number): boolean {
    if (offset + frameHeaderBytes > this.#size) return false
    const head = this.show(offset, frameHeaderBytes + frameBytesMax)
    if (this.bytes.readUInt32LE(head) !== frameMagic) return false
    const length = frameEnd(this.bytes, head) - head
    if (offset + length > this.#size) return false
    const at = this.show(offset, length)
    return frameIsSound(this.bytes, at, this.bytes.length) && frameFirstPosition(this.bytes, at) >= from
  }

  /** The offset of the first such frame at or behind `start`; -1 where there is none. */
  findFrame(start: number, from: number): number {
    for (let offset = start; offset + frameHeaderBytes <= this.#size; ) {
      const at = this.show(offset, windowBytes)
      const found = this.bytes.indexOf(magicBytes, at)
      if (found === -1) {
        offset += Math.max(1, this.bytes.length - at - magicBytes.length + 1)
        continue
      }
      const candidate = offset + found - at
      if (this.hasFrame(candidate, from)) return candidate
      offset = candidate + 1
    }
    return -1
  }
}

interface Suspicion extends Gap {
  readonly lastMicros: number
}

export function scanTail(
  files: FilePort,
  file: FileHandleNumber,
  size: number,
  base: number,
  /** Positions from here on stand in the next segment. */
  endMax: number,
): TailScan {
  const window = new Window(files, file, size)
  const damage: Gap[] = []
  const uncertain: { readonly offset: number; readonly first: number }[] = []
  let suspicions: Suspicion[] = []
  let durableUpTo = base
  let end = base
  let lastMicros = 0
  let offset = Math.min(segmentHeaderBytes, size)
  for (;;) {
    if (!window.hasFrame(offset, end)) {
      const behind = window.findFrame(offset + 1, end)
      if (behind === -1) break
      const next = frameFirstPosition(window.bytes, window.show(behind, frameHeaderBytes))
      suspicions.push({ offset, from: end, next, lastMicros })
      offset = behind
      continue
    }
    const at = window.show(offset, frameHeaderBytes)
    const first = frameFirstPosition(window.bytes, at)
    if (first >= endMax) break
    durableUpTo = Math.max(durableUpTo, frameDurableUpTo(window.bytes, at))
    damage.push(...suspicions.filter((suspicion) => suspicion.from < durableUpTo))
    suspicions = suspicions.filter((suspicion) => suspicion.from >= durableUpTo)
    uncertain.push({ offset, first })
    while (uncertain[0] !== undefined && uncertain[0].first < durableUpTo) uncertain.shift()
    end = first + frameCount(window.bytes, at)
    lastMicros = frameCommittedMicros(window.bytes, at)
    offset += frameEnd(window.bytes, at) - at
  }
  const torn = suspicions[0]
  const dataEnd = torn?.offset ?? offset
  return {
    end: torn?.from ?? end,
    dataEnd,
    lastMicros: torn?.lastMicros ?? lastMicros,
    uncertainFrom: Math.min(uncertain[0]?.offset ?? dataEnd, dataEnd),
    damage: damage.map(({ offset, from, next }) => ({ offset, from, next })),
  }
}
