/**
 * Questions to somebody else's service, over HTTP: so many at once, so many waiting, each bounded in time. A service
 * that fails is left alone for a moment, and meanwhile nobody is let in.
 */
import type { Clock, Milliseconds } from '@hawser/std'
import { milliseconds } from '@hawser/std'
import { askJson } from '../remote/ask-json.ts'
import { WorkGate, type WorkLimits } from '../work-gate.ts'

export interface HttpLimits extends WorkLimits {
  readonly timeoutMs: Milliseconds
  readonly answerBytesMax: number
  /** How long an answer is remembered; 0: it is not. */
  readonly allowedMs: number
  readonly refusedMs: number
  readonly rememberedMax: number
  /** So many failures in a row, and the service is not asked for a while. */
  readonly failuresMax: number
  readonly restMs: number
}

export const httpLimits: HttpLimits = {
  runningMax: 32,
  waitingMax: 1_024,
  timeoutMs: milliseconds(5_000),
  answerBytesMax: 65_536,
  allowedMs: 60_000,
  refusedMs: 10_000,
  rememberedMax: 10_000,
  failuresMax: 5,
  restMs: 5_000,
}

export interface CallbackOptions {
  readonly url: URL
  /** `Authorization` of the question, as it stands in its file now. */
  readonly authorization?: (() => string) | undefined
  readonly clock: Clock
  readonly limits?: Partial<HttpLimits>
  readonly onFault: (what: string) => void
}

/** The service's words; `busy` and `unavailable` are ours where it was not asked, or gave no answer. */
export type CallbackAnswer =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unavailable' }

const unavailableAnswer: CallbackAnswer = { kind: 'unavailable' }

export class HttpCallback implements Disposable {
  readonly limits: HttpLimits
  readonly #options: CallbackOptions
  readonly #gate: WorkGate
  readonly #closing = new AbortController()
  #failures = 0
  #restsUntilMs = 0

  constructor(options: CallbackOptions) {
    this.#options = options
    this.limits = { ...httpLimits, ...options.limits }
    this.#gate = new WorkGate(this.limits)
  }

  async ask(question: Readonly<Record<string, unknown>>): Promise<CallbackAnswer> {
    if (this.#resting) return unavailableAnswer
    const answer = await this.#gate.run(() => this.#ask(JSON.stringify(question)))
    if (answer !== undefined) return answer
    return this.#closing.signal.aborted ? unavailableAnswer : { kind: 'busy' }
  }

  [Symbol.dispose](): void {
    this.#closing.abort(new Error('closed'))
    this.#gate[Symbol.dispose]()
  }

  get #resting(): boolean {
    return this.#closing.signal.aborted || this.#options.clock.monotonicMs() < this.#restsUntilMs
  }

  async #ask(body: string): Promise<CallbackAnswer> {
    // It may have begun to rest while this one waited.
    if (this.#resting) return unavailableAnswer
    const { url, authorization, clock } = this.#options
    const { timeoutMs, answerBytesMax: bytesMax } = this.limits
    const headers = authorization === undefined ? {} : { authorization: authorization() }
    try {
      const { status, value } = await askJson({ url, headers, body, timeoutMs, bytesMax }, clock, this.#closing.signal)
      if (status !== 200) throw new Error(`it answered ${status}`)
      this.#failures = 0
      return { kind: 'answered', value }
    } catch (error) {
      this.#failed(error)
      return unavailableAnswer
    }
  }

  /** Told once for each rest, not for each client that is refused by it. */
  #failed(error: unknown): void {
    if (this.#closing.signal.aborted) return
    const { clock, onFault, url } = this.#options
    this.#failures++
    if (this.#failures > 1 && this.#failures < this.limits.failuresMax) return
    if (this.#failures >= this.limits.failuresMax) this.#restsUntilMs = clock.monotonicMs() + this.limits.restMs
    onFault(`${url.origin}${url.pathname} gives no verdict, and nobody is let in by it: ${whyOf(error)}`)
  }
}

/** `fetch` hides the cause one level below. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}
