/** Bounds on subscriptions: the filter's size, how many a session has, how many there are. */
import type { Connection } from '../session/connection.ts'
import type { Session } from '../session/session.ts'
import type { Limits } from './limits.ts'

export function filterExcess(limits: Limits, filter: string): 'filter-bytes' | 'filter-levels' | undefined {
  if (Buffer.byteLength(filter) > limits.topicBytesMax) return 'filter-bytes'
  return filter.split('/').length > limits.topicLevelsMax ? 'filter-levels' : undefined
}

/** `fresh` are the new filters of the same packet, this one is added to them. */
export function subscriptionExcess(
  { limits, services }: Connection,
  session: Session,
  filter: string,
  fresh: Set<string>,
): 'session-subscriptions' | 'subscriptions-max' | undefined {
  if (session.subscriptions.has(filter) || fresh.has(filter)) return undefined
  if (session.subscriptions.size + fresh.size >= limits.subscriptionsPerSessionMax) return 'session-subscriptions'
  if (services.router.subscriptionCount + fresh.size >= services.limits.subscriptionsMax) return 'subscriptions-max'
  fresh.add(filter)
  return undefined
}
