/**
 * Wills that the log did not take: its next room is theirs. While it takes nothing no session is begun that outlives
 * its connection or leaves a will, so there are no more of them than there were sessions.
 */
import type { StoredWill } from '../journal/session-state.ts'
import type { Session } from '../session/session.ts'

export class WaitingWills {
  #waiting: { readonly session: Session; readonly will: StoredWill }[] = []

  add(session: Session, will: StoredWill): void {
    this.#waiting.push({ session, will })
  }

  retry(publish: (session: Session, will: StoredWill) => void): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    for (const { session, will } of waiting) publish(session, will)
  }
}
