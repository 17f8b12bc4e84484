/**
 * How many sessions are without connection, as the journal of one lane tells it. A session that closed in one lane and
 * is opened in another is taken off there: only the sum over all lanes means something.
 */
import type { RecordedSessionEvent } from './session-event.ts'

export class OfflineCount {
  readonly #online = new Set<string>()
  count: number

  constructor(atCheckpoint: number) {
    this.count = atCheckpoint
  }

  /** It had a connection at the checkpoint. */
  connected(clientId: string): void {
    this.#online.add(clientId)
  }

  closed(clientId: string): void {
    if (this.#online.delete(clientId)) this.count++
  }

  /** `known`: there was a session of this client id. */
  heard({ clientId, event }: RecordedSessionEvent, known: boolean): void {
    switch (event.kind) {
      case 'opened':
        if (this.#online.has(clientId)) return
        this.#online.add(clientId)
        if (event.resumed ?? (known && event.epoch === undefined)) this.count--
        return
      case 'closed':
        return this.closed(clientId)
      case 'ended':
        if (!this.#online.delete(clientId)) this.count--
        return
    }
  }
}
