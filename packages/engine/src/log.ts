/**
 * The port of the durable log. What must survive is in it; whoever reads it is a cursor.
 *
 * A log is a set of partitions (lanes of processes, or shards). This process appends to its own one and reads all.
 * Records are bytes with a small head (`record.ts`); the log knows their kind and topic and nothing else.
 */
import type { Branded, HawserError } from '@hawser/std'

/** A lane or shard: 0 … 65,535. */
export type Partition = Branded<number, 'Partition'>
/** A record's place in its partition: grows with each record, never used twice, gaps allowed. */
export type Position = Branded<number, 'Position'>
/** What an append is called until it is committed: counts up by one from 0 in this process. */
export type Ticket = Branded<number, 'Ticket'>
/** The name of one log for ever; positions of different logs never mix. */
export type LogId = Branded<string, 'LogId'>

/** For each partition the next position to read; a partition missing in it is read from its birth. */
export type Cursor = ReadonlyMap<Partition, Position>

export const partition = (value: number): Partition => value as Partition
export const position = (value: number): Position => value as Position

/** Records of one partition, in order. Record `i` starts at `bytes[offsets[i]]` and stands at `positions[i]`. */
export interface RecordBatch {
  readonly partition: Partition
  readonly bytes: Buffer
  readonly count: number
  /** At least `count` entries. */
  readonly offsets: Uint32Array
  /** At least `count` entries. */
  readonly positions: Float64Array
}

/** A batch that is durable now. Valid only during the call that hands it over: the log reuses its memory. */
export interface CommittedBatch extends RecordBatch {
  /** The ticket of record 0, the others follow by one; -1 where another process appended it. */
  readonly firstTicket: number
}

export interface PartitionRange {
  readonly partition: Partition
  /** The oldest position that can still be read. */
  readonly start: Position
  /** One past the newest committed position; of another process's partition one past the newest handed over. */
  readonly end: Position
  readonly bytes: number
}

/** A filter and the span of positions [since, until) of one partition in which it counts. */
export interface FilterSpan {
  readonly filter: string
  readonly since: Position
  /** Infinity while the filter stands. */
  readonly until: Position
}

export type LogStatus =
  | { readonly kind: 'open' }
  /** The disk is full: appends are refused, reads go on; it opens again by itself when there is room. */
  | { readonly kind: 'full'; readonly error: HawserError }
  /** Nothing can be committed any more in this process. */
  | { readonly kind: 'failed'; readonly error: HawserError }

/** Records of the class `memory` beside a log on disk stand here; no lane on disk is called so. */
export const volatilePartition = 0xffff as Partition

/** What a commit outlives: `memory` only other clients, `disk` the process and the machine. */
export type Durability = 'memory' | 'disk'

/** What `reserve` answers while the log takes nothing. */
export const reserveRefused = -1

/** What a process appends to. */
export interface Appender {
  /** The partition that it appends to. */
  readonly own: Partition
  readonly durability: Durability
  /** Its first position ever; of a partition in memory in this life. */
  readonly birth: Position
  readonly status: LogStatus
  readonly recordBytesMax: number

  /**
   * Reserves a record in `buffer` and writes its head. The caller fills topic and body, which start at the offset
   * returned, before it returns to the event loop. Answers `reserveRefused` unless the status is open.
   * `buffer` may be another one after each call. Throws RangeError past `recordBytesMax`.
   */
  reserve(kind: number, flags: number, topicBytes: number, bodyBytes: number): number
  readonly buffer: Buffer
  /** The ticket of the newest reserved record; -1 before the first. */
  readonly lastTicket: number
  /** True while so much waits for the disk that publishers should be paused; looked at after each read. */
  readonly congested: boolean
}

export interface MessageLog extends Appender, AsyncDisposable {
  readonly id: LogId
  /** Where it also takes records that need not survive the process: they go here, with tickets of their own. */
  readonly volatile?: Appender

  /**
   * Called once for each durable batch of any partition, in order within the partition, from the `end` on that
   * `partitions` told when the log was opened; a partition born later from its birth. A barrier of another process is
   * handed over, with what stands behind it, once all that it names has been: the ends of all partitions are then never
   * ahead of a barrier and behind what it names, and whoever reads on from them later keeps the order.
   */
  onCommit(listener: (batch: CommittedBatch) => void): Disposable
  onStatus(listener: (status: LogStatus) => void): Disposable

  /** The own one, and all others that are known. */
  partitions(): readonly PartitionRange[]

  /**
   * Committed records of one partition from `from` on, in order, until the end as it is when reached.
   * A batch belongs to the caller until it asks for the next one.
   * Rejects with `POSITION_GONE` where `from` is older than the partition's start, with `DATA_CORRUPT` on damage.
   */
  read(partition: Partition, from: Position, signal?: AbortSignal): AsyncIterable<RecordBatch>

  /** As `read`, but only `publish` records that at least one span matches, and every `barrier`; it touches little else. */
  find(
    partition: Partition,
    from: Position,
    spans: readonly FilterSpan[],
    signal?: AbortSignal,
  ): AsyncIterable<RecordBatch>

  /**
   * Tells what no reader of this process needs any more, in any partition. What lies below in the own one may be
   * deleted once every living process has said so, and retention allows it.
   */
  setFloor(floor: Cursor): void
}
