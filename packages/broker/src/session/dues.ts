/** When a session's will and its end fall due. */
import type { ConnectPacket } from '@hawser/codec'
import { type SteadyMicros, steadyMicros } from '@hawser/std'
import type { Limits } from '../limits/limits.ts'
import type { Session } from './session.ts'

const sessionNeverExpires = 0xffffffff

export function expiryOf(connect: ConnectPacket, limits: Limits): number {
  if (connect.version < 5) return connect.cleanStart ? 0 : limits.legacySessionExpirySeconds
  return Math.min(connect.properties.sessionExpiryInterval ?? 0, limits.sessionExpirySecondsMax)
}

type Timed = Pick<Session, 'closedAt' | 'expirySeconds' | 'will'>

/** When a session without connection ends. [MQTT-4.1.0-2] */
export function expiresAt({ closedAt, expirySeconds }: Timed): SteadyMicros | undefined {
  if (closedAt === undefined || expirySeconds === sessionNeverExpires) return undefined
  return steadyMicros(closedAt + expirySeconds * 1e6)
}

/** When its will is due: after its delay, or with the session's end. [MQTT-3.1.2-10] */
export function willAt(session: Timed): SteadyMicros | undefined {
  if (session.closedAt === undefined || session.will === undefined) return undefined
  const afterDelay = session.closedAt + session.will.delaySeconds * 1e6
  return steadyMicros(Math.min(afterDelay, expiresAt(session) ?? Number.POSITIVE_INFINITY))
}

export function duesOf(session: Timed): SteadyMicros[] {
  return [willAt(session), expiresAt(session)].filter((due) => due !== undefined)
}
