/** An origin in the test's hands: it keeps a message until it is told that it is done, and sends it again till then. */
import { HawserError } from '@hawser/std'
import type { Incoming, Source, SourceRunContext } from '../source.ts'

export class OriginInMemory implements Source {
  readonly name = 'origin'
  readonly kind = 'memory'
  readonly filters = ['#']
  /** Done with, in the order in which that was told. */
  readonly done: string[] = []
  readonly #pending: Incoming[] = []
  #broken: HawserError | undefined
  #told: { readonly count: number; readonly resolve: () => void } | undefined
  #wake: () => void = () => undefined

  send(...messages: readonly Incoming[]): void {
    this.#pending.push(...messages)
    this.#wake()
  }

  /** What runs fails, and so does whatever runs until the next call. */
  break(error: HawserError | undefined): void {
    this.#broken = error
    this.#wake()
  }

  /** Resolves once so many are done. */
  async until(count: number): Promise<void> {
    if (this.done.length >= count) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#told = { count, resolve }
    await promise
  }

  async run({ intake, signal, opened }: SourceRunContext): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken
    opened()
    let at = 0
    while (!signal.aborted) {
      const messages = this.#pending.slice(at)
      at = this.#pending.length
      const answers = await Promise.all(messages.map((message) => intake.take(message)))
      if (this.#broken !== undefined) throw this.#broken
      this.#pending.splice(0, answers.length)
      at -= answers.length
      this.done.push(...messages.map(({ payload }) => Buffer.from(payload).toString()))
      if (this.#told !== undefined && this.done.length >= this.#told.count) this.#told.resolve()
      if (this.#pending.length === 0 && !signal.aborted) await this.#more(signal)
    }
  }

  async #more(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
  }
}

export const unreachable = new HawserError('SINK_UNAVAILABLE', 'the origin is away', { retryable: true })
