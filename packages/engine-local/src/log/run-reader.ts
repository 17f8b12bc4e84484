/**
 * Hands out runs of whole, checked frames: from the ring of recent commits while it reaches back so far, else from the
 * files, in chunks read by libuv. A run belongs to the caller until the next one is asked for.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { HawserError } from '@hawser/std'
import { errorCode } from './files.ts'
import {
  frameCount,
  frameEnd,
  frameFirstPosition,
  frameHeaderBytes,
  frameIsSound,
  segmentHeaderBytes,
} from './format.ts'
import { nextSoundFrame } from './frames.ts'
import type { RecentBatches } from './recent-batches.ts'
import type { SegmentIndexes } from './segment-indexes.ts'
import type { Segment, Segments } from './segments.ts'

const runBytes = 256 * 1024

export interface Run {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** One past the last position in it. */
  readonly next: number
}

/** What a `DATA_CORRUPT` of a log has as its cause: whoever can do without [from, next) reads on at `next`. */
export interface LogDamage {
  readonly file: string
  readonly offset: number
  readonly from: number
  readonly next: number
}

/** What of a lane's end is in memory. */
export interface RecentRing {
  readonly recent: RecentBatches
  readonly buffer: Buffer
}

export interface LaneView {
  readonly segments: Segments
  readonly gathered: RecentRing
  readonly indexes: SegmentIndexes
  /** Whether a segment without a file is one that retention has deleted. */
  readonly mayBeGone: (segment: Segment) => boolean
}

interface Place {
  readonly segment: Segment
  readonly offset: number
  readonly position: number
}

export class RunReader implements AsyncDisposable {
  readonly #lane: LaneView
  #buffer = Buffer.alloc(0)
  #file: { readonly segment: Segment; readonly handle: FileHandle } | undefined
  /** Where the run handed out last has ended. */
  #place: Place | undefined
  #isFirst = true

  constructor(lane: LaneView) {
    this.#lane = lane
  }

  /** A run that holds the first record at or behind `position`; undefined at the end. */
  async next(position: number): Promise<Run | undefined> {
    if (this.#lane.gathered.recent.find(position) !== undefined) {
      // Copying never waits, so a long read lets the event loop have a turn between runs.
      if (!this.#isFirst) await nextTurn()
      this.#isFirst = false
      const run = this.#copyRecent(position)
      if (run !== undefined) return run
    }
    const segment = this.#lane.segments.at(position)
    if (segment === undefined) return undefined
    const run = await this.#fromFile(await this.#locate(segment, position), segment.dataEnd)
    const first = frameFirstPosition(run.bytes, run.start)
    const wanted = Math.max(position, segment.base)
    // An index that pointed too far would otherwise lose records in silence.
    if (first > wanted) throw damageError({ file: segment.path, offset: segmentHeaderBytes, from: wanted, next: first })
    return run
  }

  /** The frames in [offset, end) of a segment, run by run. `offset` must be a frame's. */
  async *region(segment: Segment, offset: number, end: number, position: number): AsyncGenerator<Run> {
    for (let place = { segment, offset, position }; place.offset < end; ) {
      const run = await this.#fromFile(place, end)
      yield run
      place = this.#place ?? place
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.handle.close()
    this.#file = undefined
  }

  #copyRecent(from: number): Run | undefined {
    const { recent, buffer } = this.#lane.gathered
    let position = from
    let used = 0
    for (let batch = recent.find(position); batch !== undefined; batch = recent.find(position)) {
      let start = batch.start
      while (frameFirstPosition(buffer, start) + frameCount(buffer, start) <= position) start = frameEnd(buffer, start)
      let end = start
      while (end < batch.end) {
        const next = frameEnd(buffer, end)
        if (used + next - start > runBytes && used + end - start > 0) break
        position = frameFirstPosition(buffer, end) + frameCount(buffer, end)
        end = next
      }
      if (end === start) break
      this.#ensure(used + end - start, used)
      buffer.copy(this.#buffer, used, start, end)
      used += end - start
      if (end < batch.end) break
    }
    this.#place = undefined
    return used === 0 ? undefined : { bytes: this.#buffer, start: 0, end: used, next: position }
  }

  async #locate(segment: Segment, position: number): Promise<Place> {
    if (this.#place?.segment === segment && this.#place.position === position) return this.#place
    if (position <= segment.base) return { segment, offset: segmentHeaderBytes, position: segment.base }
    const offset = (await this.#lane.indexes.seek(segment, position)) ?? segment.checkpoint(position)
    return { segment, offset, position }
  }

  async #fromFile(from: Place, limit: number): Promise<Run> {
    const handle = await this.#open(from.segment)
    let place = from
    for (let wanted = runBytes; ; ) {
      const length = Math.min(wanted, limit - place.offset)
      this.#ensure(length, 0)
      const { bytesRead } = await handle.read(this.#buffer, 0, length, place.offset)
      const run = soundRun(this.#buffer, bytesRead, place.position)
      if (run.next > place.position) {
        this.#place = { segment: place.segment, offset: place.offset + run.end, position: run.next }
        return run
      }
      if (run.end > 0) {
        // Sought for, and not there yet.
        place = { ...place, offset: place.offset + run.end }
        continue
      }
      const claimed = bytesRead >= frameHeaderBytes ? frameEnd(this.#buffer, 0) : 0
      if (bytesRead === length && claimed > length && claimed <= limit - place.offset) wanted = claimed
      else place = await this.#passDamage(handle, place, limit)
    }
  }

  /** The place of the next sound frame, where all that is damaged lies before the position that is asked for. */
  async #passDamage(handle: FileHandle, place: Place, limit: number): Promise<Place> {
    const rest = Buffer.alloc(limit - place.offset)
    const { bytesRead } = await handle.read(rest, 0, rest.length, place.offset)
    const at = nextSoundFrame(rest, 1, bytesRead)
    const next = at === -1 ? place.segment.end : frameFirstPosition(rest, at)
    if (at !== -1 && next <= place.position) return { ...place, offset: place.offset + at }
    throw damageError({ file: place.segment.path, offset: place.offset, from: place.position, next })
  }

  async #open(segment: Segment): Promise<FileHandle> {
    if (this.#file?.segment === segment) return this.#file.handle
    await this.#file?.handle.close()
    this.#file = undefined
    try {
      const handle = await open(segment.path, 'r')
      this.#file = { segment, handle }
      return handle
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || !this.#lane.mayBeGone(segment)) throw error
      // Retention was faster than this reader.
      throw new HawserError('POSITION_GONE', `positions ${segment.base} to ${segment.end - 1} are gone`, {
        cause: error,
      })
    }
  }

  #ensure(bytes: number, keep: number): void {
    if (bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(runBytes, this.#buffer.length * 2)))
    this.#buffer.copy(larger, 0, 0, keep)
    this.#buffer = larger
  }
}

/** The sound frames at the start of `bytes`; its `next` is not past `position` where none reaches so far. */
function soundRun(bytes: Buffer, length: number, position: number): Run {
  let start = 0
  let end = 0
  let next = 0
  while (frameIsSound(bytes, end, length)) {
    next = frameFirstPosition(bytes, end) + frameCount(bytes, end)
    end = frameEnd(bytes, end)
    if (next <= position) start = end
  }
  return { bytes, start, end, next }
}

export const damageError = (damage: LogDamage): HawserError =>
  new HawserError(
    'DATA_CORRUPT',
    `${basename(damage.file)} is damaged at byte ${damage.offset}: positions ${damage.from} to ${damage.next - 1} cannot be read`,
    { cause: damage, mend: `restore ${damage.file} from a backup, or go on at position ${damage.next}` },
  )
