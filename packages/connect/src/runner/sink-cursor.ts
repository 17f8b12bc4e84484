/** Where to go on in a log, from what the sink says; refuses what would skip or mix records. */
import {
  type Cursor,
  type MessageLog,
  type Partition,
  type PartitionRange,
  type Position,
  volatilePartition,
} from '@hawser/engine'
import { HawserError } from '@hawser/std'
import type { Checkpoint, Connector } from '../connector.ts'

/** Told of records that the log had forgotten before they could be read. */
export type OnLost = (partition: Partition, records: number) => void

/** The cursor of a connector: where it reads, and what its sink has made durable. */
export class SinkCursor {
  /** Where reading goes on. It runs ahead of `durable` only over records that match no filter, or are lost. */
  readonly reading = new Map<Partition, Position>()
  readonly durable: Map<Partition, Position>
  readonly #maySkip: boolean
  readonly #onLost: OnLost

  /** `isMoved`: somebody moves it on purpose, wherever it stands. */
  constructor(
    log: MessageLog,
    connector: Connector,
    checkpoint: Checkpoint | undefined,
    onLost: OnLost,
    isMoved = false,
  ) {
    this.#maySkip = isMoved || connector.pastBacklog === 'skip'
    this.#onLost = onLost
    if (checkpoint !== undefined && checkpoint.logId !== log.id) throw unknownLog(connector.name, checkpoint, log)
    // What was in memory alone in an earlier life is over with it: a cursor there is none.
    const lasting = [...(checkpoint?.cursor ?? [])].filter(([partition]) => partition !== volatilePartition)
    this.durable = new Map(lasting)
    for (const [partition, position] of this.durable) this.reading.set(partition, position)
    if (!isMoved) this.#check(log, connector.name)
    if (checkpoint !== undefined || connector.begin === 'oldest') return
    for (const range of log.partitions()) this.reading.set(range.partition, range.end)
  }

  /** A partition never seen before is read from its oldest record. */
  next(range: PartitionRange): Position {
    return this.reading.get(range.partition) ?? range.start
  }

  /** As `next`, but past what the log has forgotten, where that may be skipped. */
  enter(range: PartitionRange): Position {
    const { partition, start } = range
    const next = this.next(range)
    if (next >= start || !this.#maySkip) return next
    this.moved(partition, start)
    this.#onLost(partition, start - next)
    return start
  }

  moved(partition: Partition, until: Position): void {
    this.reading.set(partition, until)
  }

  committed(partition: Partition, until: Position): void {
    this.reading.set(partition, until)
    this.durable.set(partition, until)
  }

  /** Partitions whose cursor is durable only behind where reading stands. */
  unsaved(): readonly { readonly partition: Partition; readonly until: Position }[] {
    return [...this.reading]
      .filter(([partition, until]) => this.durable.get(partition) !== until)
      .map(([partition, until]) => ({ partition, until }))
  }

  /** KPI.md's refusals of a cursor past the head, and of a gap: never a silent skip. */
  #check(log: MessageLog, name: string): void {
    const ranges = new Map(log.partitions().map((range) => [range.partition, range]))
    for (const [partition, position] of this.durable) {
      const range = ranges.get(partition)
      const end = range?.end ?? 0
      if (position > end) throw pastHead(name, partition, position, end)
      if (range !== undefined && position < range.start && !this.#maySkip) throw gap(name, range, position)
    }
  }
}

const pastHead = (name: string, partition: Partition, position: Position, end: number): HawserError =>
  new HawserError(
    'SINK_REFUSED',
    `${name}: its cursor stands at ${position} of partition ${partition}, past the log's head ${end}`,
    { mend: 'the log has lost records or was replaced: restore it, or give the connector a new sink' },
  )

const gap = (name: string, { partition, start }: PartitionRange, position: Position): HawserError =>
  new HawserError(
    'POSITION_GONE',
    `${name}: ${start - position} records of partition ${partition} between its cursor ${position} and the log's start ${start} are gone`,
    { mend: 'move it on by hawser connector seek, or give it a new sink' },
  )

const unknownLog = (name: string, { logId }: Checkpoint, { id }: MessageLog): HawserError =>
  new HawserError('SINK_REFUSED', `${name}: its sink belongs to log ${logId}, not to ${id}`, {
    mend: 'use the data folder that the sink was filled from, or give the connector a new sink',
  })

/** What no cursor needs any more, of several: a partition that one of them does not name is kept whole. */
export function lowestFloor(floors: readonly Cursor[]): Cursor {
  const [first, ...others] = floors
  const lowest = new Map(first)
  for (const [partition, position] of lowest) {
    const least = Math.min(position, ...others.map((floor) => floor.get(partition) ?? -1))
    if (least < 0) lowest.delete(partition)
    else lowest.set(partition, least as Position)
  }
  return lowest
}
