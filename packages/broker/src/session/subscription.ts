import type { RetainHandling, SharedFilter } from '@hawser/codec'
import type { Cursor } from '@hawser/engine'

/** A subscription of a session. It counts from `since` on, so that a new filter does not see older messages. */
export interface SessionSubscription {
  readonly filter: string
  /** Where the filter is `$share/{group}/{filter}`: the session gets a share of what matches the inner one. */
  readonly shared?: SharedFilter
  readonly qos: 0 | 1 | 2
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: RetainHandling
  /** Subscription Identifier of MQTT 5.0. */
  readonly identifier?: number
  readonly since: Cursor
}

/**
 * One that replaces another goes on where that one began: nothing is lost. But what went out live at QoS 0 must not
 * come again from the log, so that above it a subscription begins anew.
 */
export const startOf = (replaced: SessionSubscription | undefined, qos: number, ends: Cursor): Cursor =>
  replaced === undefined || (replaced.qos === 0 && qos > 0) ? new Map(ends) : replaced.since
