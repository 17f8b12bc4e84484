/**
 * Reads on in a foreign lane and hands over what is new, by whole frames, as far as it is said to be durable.
 *
 * Levers: the page cache has what its owner has just written, so a blocking read is a copy; one buffer serves all lanes;
 * of each record only the head is looked at (bench/log/follow.ts).
 */
import {
  type CommittedBatch,
  type Cursor,
  RecordPlaces,
  readBarrier,
  recordEnd,
  recordKind,
  recordKindAt,
} from '@hawser/engine'
import type { HawserError } from '@hawser/std'
import { errorCode, type FileHandleNumber, type FilePort, readUpTo } from '../files.ts'
import {
  frameCommittedMicros,
  frameCount,
  frameEnd,
  frameFirstPosition,
  frameHeaderBytes,
  frameIsSound,
} from '../format.ts'
import { nextSoundFrame } from '../frames.ts'
import { damageError } from '../run-reader.ts'
import type { Segment } from '../segments.ts'
import type { ForeignLane } from './foreign-lane.ts'
import type { Extent } from './lane-state.ts'

const readBytes = 256 * 1024
/** `firstTicket` of what another process appended. */
const notOurs = -1

export interface FollowerOptions {
  readonly files: FilePort
  readonly onBatch: (batch: CommittedBatch) => void
  /** Whether all that a barrier names is handed over. */
  readonly isReached: (barrier: Cursor) => boolean
  /** What is durable cannot be read any more; it is passed over. */
  readonly onFault: (error: HawserError) => void
}

export class Follower {
  readonly #options: FollowerOptions
  readonly #places = new RecordPlaces()
  readonly #open = new Map<ForeignLane, { readonly segment: Segment; readonly file: FileHandleNumber }>()
  #buffer = Buffer.allocUnsafeSlow(readBytes)

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  /** Hands over one run of frames, which ends ahead of a barrier that holds it. Answers whether there was one. */
  step(lane: ForeignLane): boolean {
    const unread = lane.advance()
    if (unread === undefined) return false
    const { segment, durable } = unread
    const bytes = this.#read(lane, segment, Math.min(readBytes, durable.dataEnd - segment.dataEnd))
    if (!frameIsSound(this.#buffer, 0, bytes)) return this.#large(lane, segment, durable, bytes)
    return this.#handOver(lane, segment, bytes)
  }

  forget(lane: ForeignLane): void {
    const open = this.#open.get(lane)
    if (open === undefined) return
    this.#open.delete(lane)
    this.#options.files.close(open.file)
  }

  close(): void {
    for (const lane of [...this.#open.keys()]) this.forget(lane)
  }

  /** A frame larger than what is read at once, or none. */
  #large(lane: ForeignLane, segment: Segment, durable: Extent, bytes: number): boolean {
    const rest = durable.dataEnd - segment.dataEnd
    const wanted = bytes >= frameHeaderBytes ? frameEnd(this.#buffer, 0) : 0
    if (wanted > bytes && wanted <= rest) {
      const read = this.#read(lane, segment, wanted)
      if (frameIsSound(this.#buffer, 0, read)) {
        const hasMoved = this.#handOver(lane, segment, frameEnd(this.#buffer, 0))
        this.#shrink()
        return hasMoved
      }
    }
    this.#passDamage(lane, segment, durable, this.#read(lane, segment, rest))
    this.#shrink()
    return true
  }

  #passDamage(lane: ForeignLane, segment: Segment, durable: Extent, bytes: number): void {
    const at = nextSoundFrame(this.#buffer, 1, bytes)
    const next = at === -1 ? durable.end : frameFirstPosition(this.#buffer, at)
    const damage = { file: segment.path, offset: segment.dataEnd, from: segment.end, next }
    segment.pass(at === -1 ? durable.dataEnd : segment.dataEnd + at, next)
    this.forget(lane)
    this.#options.onFault(damageError(damage))
  }

  #handOver(lane: ForeignLane, segment: Segment, bytes: number): boolean {
    const buffer = this.#buffer
    this.#places.clear()
    let end = 0
    let next = segment.end
    let micros = 0
    while (frameIsSound(buffer, end, bytes)) {
      const { count } = this.#places
      const barrier = this.#place(end)
      if (barrier !== undefined && !this.#options.isReached(barrier)) {
        lane.barrier = barrier
        this.#places.count = count
        break
      }
      next = frameFirstPosition(buffer, end) + frameCount(buffer, end)
      micros = frameCommittedMicros(buffer, end)
      end = frameEnd(buffer, end)
    }
    if (end === 0) return false
    segment.extend(buffer, 0, end, segment.dataEnd, next, micros)
    // Numbers may have been passed over behind it: its end is then further on, and who waits for that is told now.
    lane.advance()
    const { count, offsets, positions } = this.#places
    this.#options.onBatch({
      partition: lane.partition,
      bytes: buffer,
      count,
      offsets,
      positions,
      firstTicket: notOurs,
    })
    return true
  }

  /** Answers with the frame's barrier. It is the last record: its owner closes the frame behind it. */
  #place(frame: number): Cursor | undefined {
    const buffer = this.#buffer
    const end = frameEnd(buffer, frame)
    let barrier: Cursor | undefined
    let position = frameFirstPosition(buffer, frame)
    for (let at = frame + frameHeaderBytes; at < end; at = recordEnd(buffer, at), position++) {
      this.#places.add(at, position)
      if (recordKindAt(buffer, at) === recordKind.barrier) barrier = readBarrier(buffer, at)
    }
    return barrier
  }

  #read(lane: ForeignLane, segment: Segment, bytes: number): number {
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(bytes)
    const file = this.#fileOf(lane, segment)
    return file === undefined
      ? 0
      : readUpTo(this.#options.files, file, this.#buffer.subarray(0, bytes), segment.dataEnd)
  }

  #fileOf(lane: ForeignLane, segment: Segment): FileHandleNumber | undefined {
    const open = this.#open.get(lane)
    if (open?.segment === segment) return open.file
    this.forget(lane)
    try {
      const file = this.#options.files.open(segment.path, 'read')
      this.#open.set(lane, { segment, file })
      return file
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  #shrink(): void {
    if (this.#buffer.length > readBytes) this.#buffer = Buffer.allocUnsafeSlow(readBytes)
  }
}
