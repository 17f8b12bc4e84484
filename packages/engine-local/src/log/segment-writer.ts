/** Writes a lane's segments, one batch of frames after the other, and rides out full disks and failed syncs. */
import { join } from 'node:path'
import { errorCode, type FileHandleNumber, type FilePort, isDiskFull, writeAll } from './files.ts'
import {
  encodeSeal,
  encodeSegmentHeader,
  frameEnd,
  frameHeaderBytes,
  segmentHeaderBytes,
  segmentName,
  stampFrame,
} from './format.ts'

export interface SegmentWriterOptions {
  readonly files: FilePort
  /** The lane's folder. */
  readonly folder: string
  readonly lane: number
  readonly epoch: number
  readonly logId: Uint8Array
  /** A segment is sealed before a batch would take it past this. */
  readonly segmentBytes: number
  /** The position of the first record to come. */
  readonly base: number
}

export type CommitOutcome =
  /** The batch stands at `offset` of the segment `base`. */
  | { readonly kind: 'durable'; readonly base: number; readonly offset: number }
  /** Nothing of the batch counts; the same call may succeed once there is room. */
  | { readonly kind: 'full'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string }

interface OpenSegment {
  readonly base: number
  readonly file: FileHandleNumber
  /** All bytes below are synced. */
  durableBytes: number
  /** How long the file is: zeroes follow what is durable, so that a small batch changes data alone. */
  fileBytes: number
}

/**
 * A sync that must record a file's new length takes about twice as long as one of data alone. So a small batch that
 * reaches the end of the file takes zeroes along for those to come: as many as the segment has bytes, so that it happens
 * ever less often, and one message in a hundred does not wait for it. Where the disk is the limit, batches are larger
 * than this, and no byte is written twice.
 */
const paddedBatchBytesMax = 128 * 1024
const growthBytesMin = 512 * 1024
const growthBytesMax = 8 * 1024 * 1024
const zeroes = Buffer.alloc(growthBytesMin)

export class SegmentWriter {
  readonly #options: SegmentWriterOptions
  #segment: OpenSegment | undefined
  #durableUpTo: number
  #lastMicros = 0

  constructor(options: SegmentWriterOptions) {
    this.#options = options
    this.#durableUpTo = options.base
  }

  start(nowMicros: number): CommitOutcome {
    return this.#attempt(() => {
      const segment = this.#create(nowMicros)
      return { kind: 'durable', base: segment.base, offset: segment.durableBytes }
    })
  }

  /** Stamps the frames in `batch`, writes and syncs them. `next` is one past the batch's last position. */
  commit(batch: Buffer, next: number, nowMicros: number): CommitOutcome {
    for (let at = 0; at < batch.length; at = frameEnd(batch, at)) {
      stampFrame(batch, at, nowMicros, this.#durableUpTo)
    }
    const outcome = this.#attempt(() => this.#write(batch, nowMicros))
    if (outcome.kind === 'durable') {
      this.#durableUpTo = next
      this.#lastMicros = nowMicros
    }
    return outcome
  }

  /** Seals the open segment. What it holds is durable already, so failing here loses nothing. */
  close(): CommitOutcome {
    return this.#attempt(() => {
      const segment = this.#segment
      this.#segment = undefined
      if (segment !== undefined) this.#seal(segment)
      return { kind: 'durable', base: segment?.base ?? this.#durableUpTo, offset: segment?.durableBytes ?? 0 }
    })
  }

  /** Tries once more in a new segment where the file itself failed: a failed sync is never repeated on a file. */
  #attempt(action: () => CommitOutcome): CommitOutcome {
    for (let attempt = 1; ; attempt++) {
      try {
        return action()
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        if (error instanceof SyncFailure) this.#abandon()
        else if (isDiskFull(error)) {
          const cut = this.#cutBack()
          if (cut) return { kind: 'full', message }
          this.#abandon()
        } else this.#abandon()
        if (attempt === 2) return isDiskFull(rootOf(error)) ? { kind: 'full', message } : { kind: 'failed', message }
      }
    }
  }

  #write(batch: Buffer, nowMicros: number): CommitOutcome {
    let segment = this.#segment ?? this.#create(nowMicros)
    const isEmpty = segment.durableBytes === segmentHeaderBytes
    if (!isEmpty && segment.durableBytes + batch.length + frameHeaderBytes > this.#options.segmentBytes) {
      this.#seal(segment)
      this.#segment = undefined
      segment = this.#create(nowMicros)
    }
    const offset = segment.durableBytes
    writeAll(this.#options.files, segment.file, batch, offset)
    this.#grow(segment, offset + batch.length, batch.length)
    this.#sync(segment.file)
    segment.durableBytes += batch.length
    return { kind: 'durable', base: segment.base, offset }
  }

  #grow(segment: OpenSegment, end: number, batchBytes: number): void {
    if (end <= segment.fileBytes) return
    segment.fileBytes = end
    if (batchBytes > paddedBatchBytesMax) return
    const growthBytes = Math.min(Math.max(end, growthBytesMin), growthBytesMax)
    const grownBytes = Math.min(end + growthBytes, this.#options.segmentBytes)
    try {
      while (segment.fileBytes < grownBytes) {
        const part = zeroes.subarray(0, grownBytes - segment.fileBytes)
        writeAll(this.#options.files, segment.file, part, segment.fileBytes)
        segment.fileBytes += part.length
      }
    } catch (error) {
      // The batch found room, and that is what counts.
      if (!isDiskFull(error)) throw error
    }
  }

  #create(nowMicros: number): OpenSegment {
    const { files, folder, lane, epoch, logId } = this.#options
    const base = this.#durableUpTo
    const path = join(folder, segmentName(base))
    // Left by an attempt that failed before anything in it was durable.
    files.remove(path)
    const file = files.open(path, 'create')
    this.#segment = { base, file, durableBytes: 0, fileBytes: 0 }
    writeAll(files, file, encodeSegmentHeader({ lane, epoch, base, createdMicros: nowMicros, logId }), 0)
    this.#sync(file)
    files.syncFolder(folder)
    this.#segment.durableBytes = segmentHeaderBytes
    this.#segment.fileBytes = segmentHeaderBytes
    return this.#segment
  }

  #seal(segment: OpenSegment): void {
    const { files } = this.#options
    files.truncate(segment.file, segment.durableBytes)
    const seal = encodeSeal(this.#durableUpTo, this.#durableUpTo, this.#lastMicros)
    writeAll(files, segment.file, seal, segment.durableBytes)
    this.#sync(segment.file)
    files.close(segment.file)
  }

  #sync(file: FileHandleNumber): void {
    try {
      this.#options.files.sync(file)
    } catch (error) {
      throw new SyncFailure(error)
    }
  }

  /** Takes back a half-written batch; answers whether the segment can go on. */
  #cutBack(): boolean {
    const segment = this.#segment
    if (segment === undefined) return true
    if (segment.durableBytes === 0) return false
    try {
      this.#options.files.truncate(segment.file, segment.durableBytes)
      segment.fileBytes = segment.durableBytes
      return true
    } catch {
      return false
    }
  }

  /**
   * Leaves the segment behind, ended at its last durable byte. Should the cut fail, or not survive a power loss, the
   * next segment's base ends it all the same: recovery reads no position of a segment that a later one starts with.
   */
  #abandon(): void {
    const segment = this.#segment
    if (segment === undefined) return
    this.#segment = undefined
    const { files, folder } = this.#options
    try {
      if (segment.durableBytes > segmentHeaderBytes) files.truncate(segment.file, segment.durableBytes)
      else files.remove(join(folder, segmentName(segment.base)))
    } catch (error) {
      if (errorCode(error) === '') throw error
    } finally {
      files.close(segment.file)
    }
  }
}

class SyncFailure extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

const rootOf = (error: unknown): unknown => (error instanceof SyncFailure ? error.cause : error)
