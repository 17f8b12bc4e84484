/** What must become of each will: published once, never, or either where nobody can tell. */
import type { Violation } from './records.ts'

export interface WillRecord {
  readonly id: string
  readonly client: string
  readonly delayMs: number
  /** CONNACK was there. */
  armed: boolean
  fate: 'open' | 'once' | 'never' | 'either'
  /** Since when the client has no connection, in milliseconds. */
  lostAtMs: number
  /** A clean start has been asked for: if that came through, the session it waited for is over. */
  endAsked: boolean
  count: number
}

export class Wills {
  readonly #wills = new Map<string, WillRecord>()
  /** By client, of its newest connection that it has had a CONNACK of. */
  readonly #newest = new Map<string, WillRecord>()
  #made = 0

  /** CONNECT is sent with a will. */
  make(client: string, delayMs: number): WillRecord {
    const will: WillRecord = {
      id: `w${++this.#made}`,
      client,
      delayMs,
      armed: false,
      fate: 'open',
      lostAtMs: 0,
      endAsked: false,
      count: 0,
    }
    this.#wills.set(will.id, will)
    return will
  }

  find(id: string): WillRecord | undefined {
    return this.#wills.get(id)
  }

  /** The connection that it was made with is over. */
  lost(will: WillRecord, discarded: boolean, nowMs: number): void {
    will.lostAtMs = nowMs
    will.fate = will.armed && !discarded ? 'once' : 'either'
    if (will.armed) this.#newest.set(will.client, will)
  }

  /** Nothing can undo that its client has discarded it. */
  discarded(will: WillRecord): void {
    if (will.fate === 'either') will.fate = 'never'
  }

  /** The client asks for its session: a will that is not due yet may go with that, until CONNACK tells. */
  asked(client: string, clean: boolean): void {
    const will = this.#newest.get(client)
    if (will === undefined) return
    if (clean) will.endAsked = true
    else if (will.fate === 'once' && will.delayMs > 0) will.fate = 'either'
  }

  /** The client has its session. */
  resumed(client: string, present: boolean, nowMs: number): void {
    const will = this.#newest.get(client)
    this.#newest.delete(client)
    if (will === undefined || !will.armed || will.endAsked || will.fate !== 'either' || will.delayMs === 0) return
    if (present && nowMs < will.lostAtMs + will.delayMs) will.fate = 'never'
  }

  *take(id: string): Generator<Violation> {
    const will = this.#wills.get(id)
    if (will === undefined) return
    will.count++
    if (will.count > 1) yield { invariant: 6, what: `will ${id} of ${will.client} was published ${will.count} times` }
    if (will.fate === 'never') yield { invariant: 6, what: `will ${id} of ${will.client} was not to be published` }
  }

  /** Nothing is under way, and no delay runs any more. */
  *check(): Generator<Violation> {
    for (const { id, client, fate, count } of this.#wills.values()) {
      if (fate === 'once' && count !== 1) yield { invariant: 6, what: `will ${id} of ${client} was not published` }
    }
  }
}
