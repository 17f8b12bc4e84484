import type { Partition, Position, StateChange, StateStore } from '@hawser/engine'
import { brokerTable, checkpointKey, laneTable } from './tables.ts'

/** Where the next start begins to read the journal of a lane. */
export interface CheckpointRow {
  readonly partition: Partition
  readonly next: Position
  readonly horizon: readonly (readonly [Partition, Position])[]
  /** Sessions without connection then; not there in data folders of version 1. */
  readonly sessionsOffline?: number
}

export async function readCheckpoint(state: StateStore, partition: Partition): Promise<CheckpointRow | undefined> {
  const row = await state.get(brokerTable, laneTable(checkpointKey, partition))
  const checkpoint = row && (JSON.parse(row.value.toString('utf8')) as CheckpointRow)
  return checkpoint?.partition === partition ? checkpoint : undefined
}

export const checkpointChange = (row: CheckpointRow): StateChange => ({
  table: brokerTable,
  key: laneTable(checkpointKey, row.partition),
  value: Buffer.from(JSON.stringify(row)),
})
