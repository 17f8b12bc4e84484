/**
 * What one client may receive, remembered by topic until rights change. A subscription may be wider than the right, so
 * each topic is asked for once. Bounded: the oldest answer goes first, and is asked for again when it is needed.
 */
import type { Identity } from '../access.ts'
import type { Counters } from '../counters.ts'
import type { Rights } from './rights.ts'

const topicsMax = 1_024

export class ReceiveRights {
  readonly #rights: Rights
  readonly #counters: Counters
  /** Nothing is set aside for a client that receives nothing. */
  #answers: Map<string, boolean | Promise<boolean>> | undefined

  constructor(rights: Rights, counters: Counters) {
    this.#rights = rights
    this.#counters = counters
  }

  ask(identity: Identity | undefined, topic: string): boolean | Promise<boolean> {
    if (this.#rights.open) return true
    if (identity === undefined) return false
    const known = this.#answers?.get(topic)
    if (known !== undefined) return known
    const answer = this.#rights.ask(identity, 'receive', topic)
    if (typeof answer === 'boolean') return this.#remember(topic, answer)
    const late = answer.then((allowed) => {
      if (this.#answers?.get(topic) === late) {
        this.#answers.delete(topic)
        if (allowed !== undefined) return this.#remember(topic, allowed)
      }
      return allowed === true
    })
    this.#keep(topic, late)
    return late
  }

  forget(): void {
    this.#answers = undefined
  }

  #remember(topic: string, allowed: boolean): boolean {
    if (!allowed) this.#counters.refused['receive-not-authorized']++
    this.#keep(topic, allowed)
    return allowed
  }

  #keep(topic: string, answer: boolean | Promise<boolean>): void {
    this.#answers ??= new Map()
    if (this.#answers.size >= topicsMax) {
      const [oldest = ''] = this.#answers.keys()
      this.#answers.delete(oldest)
    }
    this.#answers.set(topic, answer)
  }
}
