import type { Journal } from '../journal/journal.ts'
import type { SessionRegistry } from './registry.ts'
import type { Session } from './session.ts'

/** Another process owns a session that is held here: nothing of it is said or written here any more. */
export function disown(sessions: SessionRegistry, journal: Journal, session: Session): void {
  const { clientId, connection } = session
  session.moved = true
  if (connection !== undefined) {
    connection.takenOver()
    // Its will is the owner's to publish.
    sessions.closed(session, true)
  }
  if (sessions.resting.get(clientId) === session) {
    sessions.resting.delete(clientId)
    sessions.offlineCount--
  }
  sessions.ended.delete(clientId)
  journal.forget(session)
}
