import type { Services } from '../services.ts'
import type { Session } from './session.ts'

/** The session gets nothing more by a filter; answers whether it had it. */
export function endSubscription({ router, shared }: Services, session: Session, filter: string): boolean {
  const subscription = session.subscriptions.get(filter)
  if (subscription === undefined) return false
  session.drop(filter)
  if (subscription.shared !== undefined) shared.leave(session, filter)
  else if (session.routed) router.unsubscribe(session, filter)
  return true
}
