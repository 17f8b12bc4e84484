/** Members of a shared subscription: sessions with a connection, to this process or to another one of the same log. */
import type { PeerId } from '@hawser/engine'
import type { ClientId, SessionNumber } from '@hawser/std'
import type { Receiver } from '../router/route.ts'
import type { Session } from '../session/session.ts'
import type { Holder } from './holder.ts'

export interface LocalMember {
  readonly kind: 'local'
  readonly session: Session
  readonly receiver: Receiver
  /** What other processes call it by; 0 in a process that is alone. */
  readonly id: number
}

export interface RemoteMember {
  readonly kind: 'remote'
  readonly peer: PeerId
  readonly number: SessionNumber
  readonly clientId: ClientId
  readonly qos: 0 | 1 | 2
  /** What it has been handed by this process. */
  readonly holder: Holder
  /** How many messages it may have unacknowledged that this process has handed it. */
  readonly creditMax: () => number
}

export type GroupMember = LocalMember | RemoteMember

export const numberOf = (member: GroupMember): SessionNumber =>
  member.kind === 'local' ? member.session.number : member.number

/** Whether a member can be given a message now: the lower of both QoS decides if its window counts. [MQTT-4.8.2-3] */
export function takes(member: GroupMember, qos: 0 | 1 | 2): boolean {
  if (member.kind === 'remote') {
    const { holder } = member
    return !holder.full && (qos === 0 || holder.outstanding < member.creditMax())
  }
  const { session, receiver } = member
  const { connection } = session
  if (connection === undefined || connection.output.congested) return false
  return qos === 0 || receiver.qos === 0 || !session.windowFull
}
