/** What of a durable group survives: the value that the journal adds up to, and that a checkpoint row holds. */
import { type Partition, type Position, partition as partitionOf, position as positionOf } from '@hawser/engine'
import type { ClientId } from '@hawser/std'
import { decodeCursor, placeKey } from '../journal/session-state.ts'
import type { Group } from './group.ts'
import type { Place } from './places.ts'

/** Where a group stands: what it has not handed out, and what its members have not acknowledged. */
export interface GroupProgress {
  /** Nothing is pending: the cursor is the newest horizon record. */
  readonly atHorizon: boolean
  /** Next position to hand out. */
  readonly cursor: ReadonlyMap<Partition, Position>
  /** Places below the cursor that are to be delivered (again). */
  readonly holes: readonly Place[]
}

export interface GroupState extends GroupProgress {
  readonly key: string
  /** Clients whose durable sessions are members. */
  readonly members: ReadonlySet<ClientId>
  /** QoS 2 messages that are a session's for ever, as `partition/position`. */
  readonly done: ReadonlySet<string>
}

export function progressOf(group: Group, ends: ReadonlyMap<Partition, Position>): GroupProgress {
  const holes = [...group.returned, ...group.placesInFlight()]
  return { atHorizon: group.live && holes.length === 0, cursor: group.live ? ends : group.cursor, holes }
}

interface ProgressRow {
  readonly atHorizon: boolean
  readonly cursor: [number, number][]
  /** Positions by partition. */
  readonly holes: [number, number[]][]
}

interface GroupRow extends ProgressRow {
  readonly version: number
  readonly key: string
  readonly members: ClientId[]
  readonly done: string[]
}

function progressRow({ atHorizon, cursor, holes }: GroupProgress): ProgressRow {
  const byPartition = Map.groupBy(holes, (place) => place.partition)
  return {
    atHorizon,
    cursor: [...cursor],
    holes: Array.from(byPartition, ([partition, places]) => [partition, places.map(({ position }) => position)]),
  }
}

const fromProgressRow = ({ atHorizon, cursor, holes }: ProgressRow): GroupProgress => ({
  atHorizon,
  cursor: decodeCursor(cursor),
  holes: holes.flatMap(([partition, positions]) =>
    positions.map((position) => ({ partition: partitionOf(partition), position: positionOf(position) })),
  ),
})

export const encodeProgress = (progress: GroupProgress): Buffer => Buffer.from(JSON.stringify(progressRow(progress)))

export const decodeProgress = (body: string): GroupProgress => fromProgressRow(JSON.parse(body) as ProgressRow)

const rowVersion = 1

export function encodeGroupState(state: GroupState): Buffer {
  const { key, members, done } = state
  const row: GroupRow = { version: rowVersion, key, members: [...members], done: [...done], ...progressRow(state) }
  return Buffer.from(JSON.stringify(row))
}

export function decodeGroupState(bytes: Buffer): GroupState {
  const row = JSON.parse(bytes.toString('utf8')) as GroupRow
  if (row.version !== rowVersion) throw new Error(`row of a shared subscription of version ${row.version}`)
  return { key: row.key, members: new Set(row.members), done: new Set(row.done), ...fromProgressRow(row) }
}

/** Takes out of the holes what has become a session's at QoS 2. */
export const holesLeft = (holes: readonly Place[], done: ReadonlySet<string>): Place[] =>
  holes.filter(({ partition, position }) => !done.has(placeKey(partition, position)))
