/** Who owns which lane, as rows that all nodes share; they are changed by compare-and-set alone. */
import {
  type Partition,
  type PeerId,
  partition,
  type StateChange,
  type StateRow,
  type StateStore,
} from '@hawser/engine'
import { HawserError } from '@hawser/std'

export const laneTable = '\x01lanes'
const laneDigits = 5
const version = 1

export interface LaneRow {
  /** Counts the lives of the lane. */
  readonly epoch: number
  /** Who appends to it; `null` where nobody does. */
  readonly owner: PeerId | null
  /** Nobody has taken over what its last owner left: also while it has an owner again. */
  readonly isOrphan: boolean
  /** Who is about to take that over. */
  readonly adopter: PeerId | null
}

export interface FoundLaneRow extends LaneRow {
  readonly lane: Partition
  /** Of the row. */
  readonly revision: number
}

/** Owners, and those who are about to take over. */
export const peersNamedIn = (rows: readonly LaneRow[]): PeerId[] =>
  rows.flatMap(({ owner, adopter }) => [owner, adopter]).filter((peer) => peer !== null)

export const laneKey = (lane: Partition): string => String(lane).padStart(laneDigits, '0')

export function decodeLaneRow({ key, value, revision }: StateRow & { readonly key: string }): FoundLaneRow {
  const row: LaneRow & { readonly version: number } = JSON.parse(value.toString())
  if (row.version !== version) {
    throw new HawserError('STATE_FAILED', `lane ${key} is described by version ${row.version}, this one reads 1`, {
      mend: 'run the version that the other nodes run',
    })
  }
  const { epoch, owner, isOrphan, adopter } = row
  return { epoch, owner, isOrphan, adopter, lane: partition(Number(key)), revision }
}

export const laneChange = (lane: Partition, row: LaneRow, expected: number): StateChange => ({
  table: laneTable,
  key: laneKey(lane),
  value: Buffer.from(JSON.stringify({ version, ...row })),
  expected,
})

export async function laneRow(state: StateStore, lane: Partition): Promise<FoundLaneRow | undefined> {
  const row = await state.get(laneTable, laneKey(lane))
  return row && decodeLaneRow({ key: laneKey(lane), ...row })
}

export async function allLaneRows(state: StateStore): Promise<FoundLaneRow[]> {
  const rows: FoundLaneRow[] = []
  for await (const row of state.scan(laneTable)) rows.push(decodeLaneRow(row))
  return rows
}
