/** Where to go on in a log, from what the sink says; refuses what would skip or mix records. */
import {
  type Cursor,
  type LogId,
  type MessageLog,
  type Partition,
  type PartitionRange,
  type Position,
  volatilePartition,
} from '@hawser/engine'
import { HawserError } from '@hawser/std'
import type { Checkpoint, Connector } from '../connector.ts'

/** The cursor of a connector: where it reads, and what its sink has made durable. */
export class SinkCursor {
  /** Where reading goes on. It runs ahead of `durable` only over records that match no filter. */
  readonly reading = new Map<Partition, Position>()
  readonly durable: Map<Partition, Position>

  constructor(log: MessageLog, connector: Connector, checkpoint: Checkpoint | undefined) {
    if (checkpoint !== undefined) checkCheckpoint(log, connector.name, checkpoint)
    // What was in memory alone in an earlier life is over with it: a cursor there is none.
    const lasting = [...(checkpoint?.cursor ?? [])].filter(([partition]) => partition !== volatilePartition)
    this.durable = new Map(lasting)
    for (const [partition, position] of this.durable) this.reading.set(partition, position)
    if (checkpoint !== undefined || connector.begin === 'oldest') return
    for (const range of log.partitions()) this.reading.set(range.partition, range.end)
  }

  /** A partition never seen before is read from its oldest record. */
  next(range: PartitionRange): Position {
    return this.reading.get(range.partition) ?? range.start
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
}

/** KPI.md's three refusals: another log, a cursor past the head, a gap. Never a silent skip. */
function checkCheckpoint(log: MessageLog, name: string, { logId, cursor }: Checkpoint): void {
  if (logId !== log.id) throw unknownLog(name, logId, log.id)
  const ranges = new Map(log.partitions().map((range) => [range.partition, range]))
  for (const [partition, position] of cursor) {
    if (partition === volatilePartition) continue
    const range = ranges.get(partition)
    const end = range?.end ?? 0
    if (position > end) {
      throw new HawserError(
        'SINK_REFUSED',
        `${name}: its cursor stands at ${position} of partition ${partition}, past the log's head ${end}`,
        { mend: 'the log has lost records or was replaced: restore it, or give the connector a new sink' },
      )
    }
    if (range !== undefined) checkGap(name, range, position)
  }
}

function checkGap(name: string, { partition, start }: PartitionRange, position: Position): void {
  if (position >= start) return
  throw new HawserError(
    'POSITION_GONE',
    `${name}: ${start - position} records of partition ${partition} between its cursor ${position} and the log's start ${start} are gone`,
    { mend: 'give the connector a new sink, or keep the log longer' },
  )
}

const unknownLog = (name: string, logId: LogId, expected: LogId): HawserError =>
  new HawserError('SINK_REFUSED', `${name}: its sink belongs to log ${logId}, not to ${expected}`, {
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
