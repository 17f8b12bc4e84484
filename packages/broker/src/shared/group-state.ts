/** What of a group survives: the value that the journal adds up to, and that a checkpoint row holds. */
import { type Partition, type Position, partition as partitionOf, position as positionOf } from '@hawser/engine'
import type { ClientId } from '@hawser/std'
import { decodeCursor } from '../journal/session-state.ts'
import type { Group } from './group.ts'
import type { Leases } from './leases.ts'
import type { Place } from './places.ts'

/** Where a group stands: what it has not handed out, and what its members have not acknowledged. */
export interface GroupProgress {
  /** Nothing is pending: the cursor is the newest horizon record of the same lane. */
  readonly atHorizon: boolean
  /** Next position to hand out, of each partition that the writer hands out. */
  readonly cursor: ReadonlyMap<Partition, Position>
  /** How often each of them had changed hands. */
  readonly terms: ReadonlyMap<Partition, number>
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

export function progressOf(group: Group, leases: Leases): GroupProgress {
  const holes = [...group.returned, ...group.placesInFlight()]
  const cursor = new Map(group.live ? leases.ends() : group.cursor)
  const isAtHorizon = group.live && holes.length === 0 && group.left.size === 0
  for (const [partition, stand] of group.left) {
    // Whoever hands it out by now says more.
    if (leases.peerOf(partition) !== undefined) continue
    cursor.set(partition, stand.cursor)
    holes.push(...stand.holes.map((position) => ({ partition, position })))
  }
  return { atHorizon: isAtHorizon, cursor, terms: leases.terms, holes }
}

interface ProgressRow {
  readonly atHorizon: boolean
  /** Partition, position, and the term where it is not 0. */
  readonly cursor: [number, number, number?][]
  /** Positions by partition. */
  readonly holes: [number, number[]][]
}

interface GroupRow extends ProgressRow {
  readonly version: number
  readonly key: string
  readonly members: ClientId[]
  readonly done: string[]
}

function progressRow({ atHorizon, cursor, terms, holes }: GroupProgress): ProgressRow {
  const byPartition = Map.groupBy(holes, (place) => place.partition)
  return {
    atHorizon,
    cursor: Array.from(cursor, ([partition, next]) => {
      const term = terms.get(partition)
      return term === undefined ? [partition, next] : [partition, next, term]
    }),
    holes: Array.from(byPartition, ([partition, places]) => [partition, places.map(({ position }) => position)]),
  }
}

const fromProgressRow = ({ atHorizon, cursor, holes }: ProgressRow): GroupProgress => ({
  atHorizon,
  cursor: decodeCursor(cursor.map(([partition, next]) => [partition, next])),
  terms: new Map(cursor.map(([partition, , term = 0]) => [partitionOf(partition), term])),
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
