/** What of a session survives: the value that its journal records add up to, and that a checkpoint row holds. */

import { type Cursor, type Partition, type Position, partition, position } from '@hawser/engine'
import type { ClientId, SessionNumber, SteadyMicros } from '@hawser/std'
import type { Identity } from '../access.ts'
import type { InflightMessage } from '../session/inflight.ts'
import type { SessionSubscription } from '../session/subscription.ts'

/** A will as it will be published. */
export interface StoredWill {
  /** Who left it: its right to publish is asked for again when the will is due. */
  readonly identity: Identity
  readonly topic: string
  readonly payload: Buffer
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** Raw MQTT 5.0 properties of the PUBLISH that it becomes, without message expiry. */
  readonly properties: Buffer
  readonly delaySeconds: number
  /** 0xFFFFFFFF: never. */
  readonly messageExpirySeconds: number
}

export interface SessionState {
  readonly number: SessionNumber
  readonly clientId: ClientId
  /** The user name that its identity had proved; undefined: anonymous. Nobody else gets it. */
  owner: string | undefined
  expirySeconds: number
  online: boolean
  /** When the connection ended; undefined while it is open. */
  closedAt: SteadyMicros | undefined
  will: StoredWill | undefined
  readonly subscriptions: Map<string, SessionSubscription>
  /** Next position to deliver. */
  cursor: Map<Partition, Position>
  inflight: InflightMessage[]
  /** QoS 2 messages at or past the cursor that are complete, as `partition/position`. */
  readonly done: Set<string>
  /** Packet ids of inbound QoS 2 publishes whose PUBREL is still to come. */
  readonly inbound: Set<number>
  /** The session had nothing pending: its cursor is the newest horizon record of its lane. */
  atHorizon: boolean
  /** Positions below may have been sent to the client before a crash. */
  mayBeDuplicate: Cursor | undefined
  /** Its keys among those that keep the log from being deleted. */
  restingKeys: readonly string[]
  /** How often it has changed hands: who opens it counts up. Records of an older epoch say nothing about it. */
  epoch: number
  /** Whose records count. */
  partition: Partition
  /** Up to where the journal of that partition is in this state. */
  applied: Position
}

export const placeKey = (at: Partition, where: Position): string => `${at}/${where}`

export function newSessionState(
  number: SessionNumber,
  clientId: ClientId,
  cursor: Cursor,
  partition: Partition,
): SessionState {
  return {
    number,
    clientId,
    owner: undefined,
    expirySeconds: 0,
    online: true,
    closedAt: undefined,
    will: undefined,
    subscriptions: new Map(),
    cursor: new Map(cursor),
    inflight: [],
    done: new Set(),
    inbound: new Set(),
    atHorizon: false,
    mayBeDuplicate: undefined,
    restingKeys: [],
    epoch: 0,
    partition,
    applied: position(-1),
  }
}

const rowVersion = 1
/** Of rows that were written when there was one lane alone, and nobody counted. */
const onlyLane = partition(0)

/** A row as JSON: rare to write, and readable with any tool that opens the store. */
export function encodeSessionState(state: SessionState): Buffer {
  return Buffer.from(
    JSON.stringify({
      version: rowVersion,
      ...state,
      will: state.will && encodeWill(state.will),
      subscriptions: [...state.subscriptions.values()].map((subscription) => ({
        ...subscription,
        since: [...subscription.since],
      })),
      cursor: [...state.cursor],
      done: [...state.done],
      inbound: [...state.inbound],
      mayBeDuplicate: state.mayBeDuplicate && [...state.mayBeDuplicate],
    }),
  )
}

type CursorRow = [number, number][]
type SubscriptionRow = Omit<SessionSubscription, 'since'> & { since: CursorRow }
type PlainFields =
  | 'number'
  | 'clientId'
  | 'owner'
  | 'expirySeconds'
  | 'online'
  | 'closedAt'
  | 'inflight'
  | 'atHorizon'
  | 'applied'
interface SessionRow extends Pick<SessionState, PlainFields> {
  version: number
  will?: WillRow
  subscriptions: SubscriptionRow[]
  cursor: CursorRow
  done: string[]
  inbound: number[]
  mayBeDuplicate?: CursorRow
  restingKeys?: string[]
  /** In rows of a process alone, before there could be several. */
  restingKey?: string
  epoch?: number
  partition?: Partition
}
/** Data folders of version 1 know no identity: everybody was anonymous. */
export type WillRow = Omit<StoredWill, 'payload' | 'properties' | 'identity'> & {
  payload: string
  properties: string
  identity?: Identity
}

export function decodeSessionState(row: Buffer): SessionState {
  const value = JSON.parse(row.toString('utf8')) as SessionRow
  if (value.version !== rowVersion) throw new Error(`session row of version ${value.version}`)
  return {
    number: value.number,
    clientId: value.clientId,
    owner: value.owner,
    expirySeconds: value.expirySeconds,
    online: value.online,
    closedAt: value.closedAt,
    will: value.will && decodeWill(value.will, value.clientId),
    subscriptions: new Map(
      value.subscriptions.map((subscription) => [
        subscription.filter,
        { ...subscription, since: decodeCursor(subscription.since) },
      ]),
    ),
    cursor: decodeCursor(value.cursor),
    inflight: value.inflight,
    done: new Set(value.done),
    inbound: new Set(value.inbound),
    atHorizon: value.atHorizon,
    mayBeDuplicate: value.mayBeDuplicate && decodeCursor(value.mayBeDuplicate),
    restingKeys: value.restingKeys ?? (value.restingKey === undefined ? [] : [value.restingKey]),
    epoch: value.epoch ?? 0,
    partition: value.partition ?? onlyLane,
    applied: value.applied,
  }
}

export const decodeCursor = (row: CursorRow): Map<Partition, Position> =>
  new Map(row.map(([at, where]) => [partition(at), position(where)]))

const nobody: Omit<Identity, 'clientId'> = {
  username: undefined,
  certificate: undefined,
  listener: '',
  remoteAddress: '',
  roles: [],
  rules: undefined,
  expiresAt: undefined,
}

export const encodeWill = (will: StoredWill): WillRow => ({
  ...will,
  payload: will.payload.toString('base64'),
  properties: will.properties.toString('base64'),
})

export const decodeWill = (row: WillRow, clientId: string): StoredWill => ({
  ...row,
  identity: row.identity ?? { ...nobody, clientId },
  payload: Buffer.from(row.payload, 'base64'),
  properties: Buffer.from(row.properties, 'base64'),
})
