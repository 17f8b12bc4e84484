/** What becomes of a CONNECT that asks for its session. */
import type { ClaimOutcome } from '../cluster/claims.ts'
import type { RefusalReason } from '../limits/refusals.ts'
import type { Session } from './session.ts'

export const claimRefusals = {
  'of-another': 'session-of-another',
  superseded: 'session-claimed',
  unavailable: 'session-unreachable',
} as const satisfies Record<Exclude<ClaimOutcome, 'granted'>, RefusalReason>
export type OpenRefusal = (typeof claimRefusals)[keyof typeof claimRefusals] | 'sessions-max' | 'log-refused'

export type OpenedSession =
  | {
      readonly kind: 'opened'
      readonly session: Session
      readonly present: boolean
      /** CONNACK waits for this ticket; undefined where nothing of the session is journaled. */
      readonly ticket: number | undefined
    }
  | { readonly kind: 'refused'; readonly reasonCode: number }
