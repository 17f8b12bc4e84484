/**
 * Where one client may publish. The route that was allowed last is compared by the caller; these are the others, so
 * that a client of a few topics is not judged anew with each message. Bounded, and emptied when rights change.
 */
import type { Identity } from '../access.ts'
import type { Counters } from '../counters.ts'
import type { Route } from '../router/route.ts'
import type { LateAnswer, Rights } from './rights.ts'

const routesMax = 64

export class PublishRights {
  readonly #rights: Rights
  readonly #counters: Counters
  /** Nothing is set aside for a client that never publishes. */
  #answers: Map<Route, boolean> | undefined

  constructor(rights: Rights, counters: Counters) {
    this.#rights = rights
    this.#counters = counters
  }

  ask(identity: Identity | undefined, route: Route): boolean | LateAnswer {
    // Written by the broker alone, whatever the rules say.
    if (identity === undefined || route.isSystem) return this.#refused()
    if (this.#rights.open) return true
    const known = this.#answers?.get(route)
    if (known !== undefined) return known || this.#refused()
    const answer = this.#rights.ask(identity, 'publish', route.topic)
    if (typeof answer === 'boolean') return this.remember(route, answer)
    return answer
  }

  /** What a late answer said. */
  remember(route: Route, allowed: boolean | undefined): boolean {
    if (allowed === undefined) return this.#refused()
    this.#answers ??= new Map()
    if (this.#answers.size >= routesMax) this.#answers.clear()
    this.#answers.set(route, allowed)
    return allowed || this.#refused()
  }

  forget(): void {
    this.#answers = undefined
  }

  #refused(): false {
    this.#counters.refused['publish-not-authorized']++
    return false
  }
}
