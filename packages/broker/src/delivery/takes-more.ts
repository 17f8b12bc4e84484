import type { Services } from '../services.ts'
import type { Session } from '../session/session.ts'

/** A session's client takes more than before: what waits in the log for it, or for a group of it, goes on. */
export function takesMore({ catchUp, shared }: Services, session: Session | undefined): void {
  if (session === undefined) return
  catchUp.start(session)
  shared.wake(session)
}
