/** Bounds on subscriptions: the filter's size, how many a session has, how many there are. */
import type { Connection } from '../session/connection.ts'
import type { Session } from '../session/session.ts'
import type { Limits } from './limits.ts'

export function filterExcess(limits: Limits, filter: string): 'filter-bytes' | 'filter-levels' | undefined {
  if (Buffer.byteLength(filter) > limits.topicBytesMax) return 'filter-bytes'
  return filter.split('/').length > limits.topicLevelsMax ? 'filter-levels' : undefined
}

/** A filter that is new is claimed: it counts from now on, whatever else waits for its commit. */
export function subscriptionExcess(
  { limits, services }: Connection,
  session: Session,
  filter: string,
  claims: Claims,
): 'session-subscriptions' | 'subscriptions-max' | undefined {
  if (session.subscriptions.has(filter) || claims.has(filter)) return undefined
  if (session.subscriptions.size + claims.ofSession >= limits.subscriptionsPerSessionMax) return 'session-subscriptions'
  if (services.router.subscriptionCount + services.claims.count >= services.limits.subscriptionsMax) {
    return 'subscriptions-max'
  }
  claims.add(filter)
  return undefined
}

/** New filters of SUBSCRIBEs that are not in force yet: several packets of a client may wait for their commit. */
export class SubscriptionClaims {
  count = 0
  readonly #bySession = new WeakMap<Session, Set<string>>()

  /** For one packet. */
  of(session: Session): Claims {
    let claimed = this.#bySession.get(session)
    if (claimed === undefined) {
      claimed = new Set()
      this.#bySession.set(session, claimed)
    }
    return new Claims(this, session, claimed)
  }

  forget(session: Session): void {
    this.#bySession.delete(session)
  }
}

/** What one packet claims. Packets of a session come into force in their order. */
export class Claims {
  readonly #all: SubscriptionClaims
  readonly #session: Session
  readonly #claimed: Set<string>
  #own: string[] = []
  #held: Disposable | undefined

  constructor(all: SubscriptionClaims, session: Session, claimed: Set<string>) {
    this.#all = all
    this.#session = session
    this.#claimed = claimed
  }

  /** Of all packets of the session. */
  get ofSession(): number {
    return this.#claimed.size
  }

  has(filter: string): boolean {
    return this.#claimed.has(filter)
  }

  add(filter: string): void {
    this.#claimed.add(filter)
    this.#own.push(filter)
    this.#all.count++
  }

  /** What ends when the subscriptions count by themselves, or are refused. */
  releaseWith(held: Disposable): void {
    this.#held = held
  }

  release(): void {
    this.#held?.[Symbol.dispose]()
    this.#held = undefined
    for (const filter of this.#own) this.#claimed.delete(filter)
    this.#all.count -= this.#own.length
    this.#own = []
    if (this.#claimed.size === 0) this.#all.forget(this.#session)
  }
}
