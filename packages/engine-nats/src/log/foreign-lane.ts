/** A lane that another node writes, or has written: what of it was handed over here, which is what readers see. */
import { type CommittedBatch, type Cursor, type Partition, RecordPlaces } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import type { StoredMessage } from '../stream/stored-messages.ts'
import { StreamFollower, type StreamFollowerOptions } from '../stream/stream-follower.ts'
import type { LaneExtent } from './lane-extent.ts'
import type { ReadableLane } from './lane-reader.ts'
import { endOf, type MessageHead, placeRecords, readMessageHead } from './log-message.ts'
import { RecentMessages } from './recent-messages.ts'
import { SequenceMarks } from './sequence-marks.ts'

export interface ForeignLaneOptions extends Omit<StreamFollowerOptions, 'from' | 'take' | 'onGone'> {
  readonly partition: Partition
  /** What is not handed over: what there was before us. */
  readonly before: LaneExtent
  readonly isReached: (barrier: Cursor) => boolean
  readonly onBatch: (batch: CommittedBatch) => void
  /** Something was handed over, or the lane has ended. */
  readonly onMoved: () => void
  /** It has a message that this version cannot read: to pass it over would lose what others were told is safe. */
  readonly onUnreadable: (error: HawserError) => void
}

/** `firstTicket` of what another node appended. */
const notOurs = -1
const recentBytesMax = 8 << 20

export class ForeignLane implements ReadableLane {
  readonly partition: Partition
  readonly stream: string
  readonly recent = new RecentMessages(recentBytesMax)
  readonly marks = new SequenceMarks()
  readonly follower: StreamFollower
  start: number
  firstSequence: number
  nextSequence: number
  /** One past the newest position that was handed over. */
  end: number
  /** Of what was ever there, as far as we know: its owner says to nobody what it deletes. */
  bytes: number
  /** Whether the newest message is a fence: nobody appends to it until it has an owner again. */
  isEnded = false
  /** What must be handed over ahead of the message that is next. */
  barrier: Cursor | undefined
  readonly #options: ForeignLaneOptions
  readonly #places = new RecordPlaces()
  #isUnreadable = false

  constructor(options: ForeignLaneOptions) {
    this.#options = options
    this.partition = options.partition
    this.stream = options.stream
    const { first, last, start, end } = options.before
    this.start = start
    this.firstSequence = first
    this.nextSequence = last + 1
    this.end = end
    this.bytes = options.before.bytes
    this.follower = new StreamFollower({
      ...options,
      from: last + 1,
      take: (message) => this.#tryToTake(message),
      onGone: (sequence) => this.#skip(sequence),
    })
  }

  #tryToTake(message: StoredMessage): boolean {
    if (this.#isUnreadable) return false
    let head: MessageHead
    try {
      head = readMessageHead(message.data)
    } catch (error) {
      if (!(error instanceof HawserError)) throw error
      this.#isUnreadable = true
      this.#options.onUnreadable(error)
      return false
    }
    return this.#take(message, head)
  }

  #take(message: StoredMessage, head: MessageHead): boolean {
    const { isReached, onBatch, onMoved, partition } = this.#options
    if (this.barrier !== undefined && !isReached(this.barrier)) return false
    const { sequence, data } = message
    const barrier = placeRecords(data, head, 0, this.#places)
    if (barrier !== undefined && this.barrier === undefined && !isReached(barrier)) {
      this.barrier = barrier
      return false
    }
    this.barrier = undefined
    this.recent.add({ ...message, first: head.first })
    this.marks.note(sequence, head.first)
    this.nextSequence = sequence + 1
    this.end = endOf(head)
    this.bytes += data.length
    this.isEnded = head.kind === 'fence'
    const { count, offsets, positions } = this.#places
    if (count > 0) onBatch({ partition, bytes: data, count, offsets, positions, firstTicket: notOurs })
    onMoved()
    return true
  }

  /** We were away for longer than anybody waits: who reads from behind is told that it is gone. */
  #skip(sequence: number): void {
    this.start = this.end
    this.firstSequence = sequence
    this.nextSequence = sequence
    this.barrier = undefined
  }
}
