/** A service of the operator's own is asked what a client may do, where no rule says. */
import type { AccessAction, Identity } from '@hawser/broker'
import { disposable, milliseconds } from '@hawser/std'
import type { Authorizer } from '../access.ts'
import { BoundedCache } from '../bounded-cache.ts'
import { type CallbackOptions, HttpCallback } from './callback.ts'

export class HttpAuthorizer implements Authorizer, AsyncDisposable {
  readonly #options: CallbackOptions
  readonly #callback: HttpCallback
  readonly #remembered: BoundedCache<boolean>
  readonly #asked = new Map<string, Promise<boolean>>()
  readonly #listeners = new Set<() => void>()
  #timer: Disposable | undefined
  #dueMs = 0

  constructor(options: CallbackOptions) {
    this.#options = options
    this.#callback = new HttpCallback(options)
    this.#remembered = new BoundedCache(options.clock, this.#callback.limits.rememberedMax)
  }

  authorize(identity: Identity, action: AccessAction, topic: string): boolean | Promise<boolean> {
    const question = questionOf(identity, action, topic)
    const key = JSON.stringify(question)
    const known = this.#remembered.get(key)
    if (known !== undefined) return known
    const asked = this.#asked.get(key)
    if (asked !== undefined) return asked
    const answer = this.#ask(question, key).finally(() => this.#asked.delete(key))
    this.#asked.set(key, answer)
    return answer
  }

  forget(): void {
    this.#remembered.clear()
  }

  /**
   * The broker remembers answers too. So that a right that is withdrawn at the service ends, all of it is asked for
   * again once the oldest answer has had its time.
   */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return disposable(() => this.#listeners.delete(listener))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]()
    this.#listeners.clear()
    this.#callback[Symbol.dispose]()
    this.forget()
  }

  async #ask(question: Readonly<Record<string, unknown>>, key: string): Promise<boolean> {
    const answer = await this.#callback.ask(question)
    const result =
      answer.kind === 'answered' ? (answer.value as { readonly result?: unknown } | null)?.result : undefined
    const { allowedMs, refusedMs } = this.#callback.limits
    if (result !== 'allow' && result !== 'deny') {
      // What is no verdict is a no, and asked for again soon.
      this.#askAgainIn(this.#callback.limits.restMs)
      return false
    }
    const keepMs = result === 'allow' ? allowedMs : refusedMs
    this.#remembered.set(key, result === 'allow', keepMs)
    this.#askAgainIn(keepMs)
    return result === 'allow'
  }

  /** One timer for all: the earliest that is due. What is younger is still remembered here. */
  #askAgainIn(ms: number): void {
    const { clock } = this.#options
    const dueMs = clock.monotonicMs() + Math.max(againMsMin, ms)
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return
    this.#timer?.[Symbol.dispose]()
    this.#dueMs = dueMs
    this.#timer = clock.after(milliseconds(dueMs - clock.monotonicMs()), () => {
      this.#timer = undefined
      for (const listener of [...this.#listeners]) listener()
    })
  }
}

const againMsMin = 1_000

const questionOf = ({ expiresAt: _, rules: __, ...identity }: Identity, action: AccessAction, topic: string) => ({
  ...identity,
  action,
  topic,
})
