/** An access control that a test holds in its hands: users prove themselves by any password, rights are a function. */
import {
  type AccessAction,
  type AccessControl,
  type Authentication,
  anonymousIdentity,
  type Candidate,
  type Identity,
} from '../access.ts'

export type Rule = (username: string | undefined, action: AccessAction, topic: string) => boolean | Promise<boolean>

export class ScriptedAccess implements AccessControl {
  readonly asked: string[] = []
  readonly #listeners = new Set<() => void>()
  #rule: Rule

  constructor(rule: Rule = () => true) {
    this.#rule = rule
  }

  async authenticate(candidate: Candidate): Promise<Authentication> {
    const { username } = candidate
    return { kind: 'accepted', identity: { ...anonymousIdentity(candidate), username } }
  }

  exchange(): undefined {
    return undefined
  }

  authorize({ username }: Identity, action: AccessAction, topic: string): boolean | Promise<boolean> {
    this.asked.push(`${username} ${action} ${topic}`)
    return this.#rule(username, action, topic)
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  change(rule: Rule): void {
    this.#rule = rule
    for (const listener of this.#listeners) listener()
  }
}

/** Answers that come when the test says so. */
export class LateAnswers {
  readonly #waiting: ((allowed: boolean) => void)[] = []

  ask(): Promise<boolean> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  get waiting(): number {
    return this.#waiting.length
  }

  answer(allowed: boolean): void {
    for (const resolve of this.#waiting.splice(0)) resolve(allowed)
  }
}
