/**
 * Who may do what, as the broker asks it. An answer that somebody else must be asked for is waited for only so long; an
 * access control that fails refuses.
 */
import { type Clock, milliseconds } from '@hawser/std'
import { type AccessAction, type AccessControl, allowAll, type Identity } from '../access.ts'
import type { Limits } from '../limits/limits.ts'

/** Undefined: nobody answered in time, or the one who was asked failed. It counts as no, and is asked for again. */
export type LateAnswer = Promise<boolean | undefined>

export interface RightsParts {
  readonly access: AccessControl
  readonly clock: Clock
  readonly limits: Limits
  readonly failed: (error: unknown) => void
}

export class Rights {
  readonly #parts: RightsParts
  /** Everybody may do everything: nothing is asked or remembered. */
  readonly open: boolean
  /** Counts the changes of rights. */
  #epoch = 0

  constructor(parts: RightsParts) {
    this.#parts = parts
    this.open = parts.access.authorize === allowAll.authorize
  }

  ask(identity: Identity, action: AccessAction, topic: string): boolean | LateAnswer {
    if (this.open) return true
    try {
      const answer = this.#parts.access.authorize(identity, action, topic)
      return typeof answer === 'boolean' ? answer : this.#inTime(answer, () => this.ask(identity, action, topic))
    } catch (error) {
      this.#parts.failed(error)
      return false
    }
  }

  /** Hands the answer over: at once, or when it has come. */
  answered(answer: boolean | LateAnswer, take: (allowed: boolean | undefined) => void): void {
    if (typeof answer === 'boolean') take(answer)
    else answer.then(take).catch(this.#parts.failed)
  }

  /** What was asked before and is answered later is asked again. */
  changed(): void {
    this.#epoch++
  }

  #inTime(answer: Promise<boolean>, askAgain: () => boolean | LateAnswer): LateAnswer {
    const { clock, limits, failed } = this.#parts
    const epoch = this.#epoch
    return new Promise((resolve) => {
      const timer = clock.after(milliseconds(limits.authorizationMsMax), () => resolve(undefined))
      answer.then(
        (allowed) => {
          timer[Symbol.dispose]()
          resolve(this.#epoch === epoch ? allowed : askAgain())
        },
        (error: unknown) => {
          timer[Symbol.dispose]()
          failed(error)
          resolve(undefined)
        },
      )
    })
  }
}
