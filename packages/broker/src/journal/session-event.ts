/**
 * Session changes as records of the log (PROTOCOL: everything durable is a record). The record's topic is the client
 * id, its flags are the kind, its body starts with the session's number:
 *
 *   f64 number, then by kind
 *   opened, adopted, subscribed, unsubscribed, pending, closed: JSON
 *   assigned: u16 packet id, u8 flags (1 retained, 2 shared), u16 partition, f64 position, where shared u16 length and
 *     the filter, then u32 subscription identifiers
 *   received, completed, released: u16 packet id
 *   ended, moved: nothing
 */

import {
  type MessageLog,
  type Partition,
  type Position,
  recordEnd,
  recordFlagsAt,
  recordKind,
  recordTopicEnd,
  recordTopicStart,
  reserveRefused,
} from '@hawser/engine'
import type { ClientId, SessionNumber, SteadyMicros } from '@hawser/std'
import type { InflightMessage } from '../session/inflight.ts'
import type { SessionSubscription } from '../session/subscription.ts'
import type { WillRow } from './session-state.ts'

type CursorRow = [Partition, Position][]
type SubscriptionRow = Omit<SessionSubscription, 'since'> & { since: CursorRow }

export type SessionEvent =
  | {
      kind: 'opened'
      expirySeconds: number
      owner?: string
      will?: WillRow
      cursor: CursorRow
      /** Not in records of a process alone, before there could be several. */
      epoch?: number
      /** It was there before, without a connection. */
      resumed?: boolean
    }
  /** It came from another process's journal without a connection: its deadline fell due here. */
  | { kind: 'adopted'; epoch: number }
  | { kind: 'subscribed'; subscription: SubscriptionRow }
  | { kind: 'unsubscribed'; filter: string }
  | {
      kind: 'assigned'
      message: Pick<InflightMessage, 'packetId' | 'retained' | 'partition' | 'position' | 'identifiers' | 'shared'>
    }
  | { kind: 'received'; packetId: number }
  | { kind: 'completed'; packetId: number }
  | { kind: 'released'; packetId: number }
  | { kind: 'pending'; atHorizon: boolean; cursor: CursorRow; inflight: readonly InflightMessage[] }
  | {
      kind: 'closed'
      at: SteadyMicros
      expirySeconds: number
      will: boolean
      cursor: CursorRow
      inflight: readonly InflightMessage[]
    }
  | { kind: 'ended' }
  /** Its row is as this journal has it, and from here on another process's journal is where it goes on. */
  | { kind: 'moved' }

const kinds = [
  'opened',
  'subscribed',
  'unsubscribed',
  'assigned',
  'received',
  'completed',
  'released',
  'pending',
  'closed',
  'ended',
  'adopted',
  'moved',
] as const satisfies readonly SessionEvent['kind'][]

export interface SessionName {
  readonly number: SessionNumber
  readonly clientIdBytes: Buffer
}

/** Appends an event; answers whether the log took it. Its ticket is then `log.lastTicket`. */
export function appendSessionEvent(log: MessageLog, session: SessionName, event: SessionEvent): boolean {
  const body = encodeBody(event)
  const { clientIdBytes } = session
  const at = log.reserve(recordKind.session, kinds.indexOf(event.kind), clientIdBytes.length, 8 + body.length)
  if (at === reserveRefused) return false
  clientIdBytes.copy(log.buffer, at)
  log.buffer.writeDoubleLE(session.number, at + clientIdBytes.length)
  body.copy(log.buffer, at + clientIdBytes.length + 8)
  return true
}

function encodeBody(event: SessionEvent): Buffer {
  switch (event.kind) {
    case 'assigned':
      return encodeAssigned(event.message)
    case 'received':
    case 'completed':
    case 'released': {
      const body = Buffer.allocUnsafe(2)
      body.writeUInt16LE(event.packetId, 0)
      return body
    }
    case 'ended':
    case 'moved':
      return Buffer.alloc(0)
    case 'opened':
    case 'adopted':
    case 'subscribed':
    case 'unsubscribed':
    case 'pending':
    case 'closed':
      return Buffer.from(JSON.stringify(event))
    default:
      throw event satisfies never
  }
}

type AssignedMessage = Extract<SessionEvent, { kind: 'assigned' }>['message']

const assignedFlag = { retained: 1, shared: 2 } as const
const assignedBytes = 13

function encodeAssigned({
  packetId,
  retained,
  partition,
  position,
  identifiers = [],
  shared,
}: AssignedMessage): Buffer {
  const filter = Buffer.from(shared ?? '')
  const filterEnd = assignedBytes + (shared === undefined ? 0 : 2 + filter.length)
  const body = Buffer.allocUnsafe(filterEnd + identifiers.length * 4)
  body.writeUInt16LE(packetId, 0)
  body[2] = (retained ? assignedFlag.retained : 0) | (shared === undefined ? 0 : assignedFlag.shared)
  body.writeUInt16LE(partition, 3)
  body.writeDoubleLE(position, 5)
  if (shared !== undefined) {
    body.writeUInt16LE(filter.length, assignedBytes)
    filter.copy(body, assignedBytes + 2)
  }
  for (const [index, identifier] of identifiers.entries()) body.writeUInt32LE(identifier, filterEnd + index * 4)
  return body
}

/** Whether an event may tell of a shared subscription: seen before it is decoded. */
export function mayChangeGroups(bytes: Buffer, at: number): boolean {
  switch (kinds[recordFlagsAt(bytes, at)]) {
    case 'opened':
    case 'subscribed':
    case 'unsubscribed':
    case 'ended':
      return true
    case 'assigned':
      return ((bytes[recordTopicEnd(bytes, at) + 8 + 2] ?? 0) & assignedFlag.shared) !== 0
    default:
      return false
  }
}

export interface RecordedSessionEvent {
  readonly clientId: ClientId
  readonly number: SessionNumber
  readonly event: SessionEvent
}

export function readSessionEvent(bytes: Buffer, at: number): RecordedSessionEvent {
  const topicEnd = recordTopicEnd(bytes, at)
  return {
    clientId: bytes.toString('utf8', recordTopicStart(at), topicEnd) as ClientId,
    number: bytes.readDoubleLE(topicEnd) as SessionNumber,
    event: decodeBody(kinds[recordFlagsAt(bytes, at)], bytes.subarray(topicEnd + 8, recordEnd(bytes, at))),
  }
}

function decodeBody(kind: SessionEvent['kind'] | undefined, body: Buffer): SessionEvent {
  switch (kind) {
    case 'assigned':
      return { kind, message: decodeAssigned(body) }
    case 'received':
    case 'completed':
    case 'released':
      return { kind, packetId: body.readUInt16LE(0) }
    case 'ended':
    case 'moved':
      return { kind }
    case 'opened':
    case 'adopted':
    case 'subscribed':
    case 'unsubscribed':
    case 'pending':
    case 'closed':
      return JSON.parse(body.toString('utf8')) as SessionEvent
    case undefined:
      throw new Error('session record of an unknown kind')
    default:
      throw kind satisfies never
  }
}

function decodeAssigned(body: Buffer): AssignedMessage {
  const flags = body[2] ?? 0
  const isShared = (flags & assignedFlag.shared) !== 0
  const filterEnd = assignedBytes + (isShared ? 2 + body.readUInt16LE(assignedBytes) : 0)
  const identifiers: number[] = []
  for (let at = filterEnd; at < body.length; at += 4) identifiers.push(body.readUInt32LE(at))
  return {
    packetId: body.readUInt16LE(0),
    retained: (flags & assignedFlag.retained) !== 0,
    partition: body.readUInt16LE(3) as Partition,
    position: body.readDoubleLE(5) as Position,
    ...(identifiers.length > 0 && { identifiers }),
    ...(isShared && { shared: body.toString('utf8', assignedBytes + 2, filterEnd) }),
  }
}
