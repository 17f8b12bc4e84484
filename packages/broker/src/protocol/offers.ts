/** What is offered at each listener: its own options over those of the broker. */
import type { ListenerRules } from '../transport/listener-options.ts'
import type { ProtocolOptions } from './options.ts'

export class Offers {
  readonly #everywhere: ProtocolOptions
  /** Made once for the rules of a listener, not for each of its connections. */
  readonly #atListener = new WeakMap<Partial<ProtocolOptions>, ProtocolOptions>()

  constructor(everywhere: ProtocolOptions) {
    this.#everywhere = everywhere
  }

  at({ offers }: ListenerRules): ProtocolOptions {
    if (offers === undefined) return this.#everywhere
    let merged = this.#atListener.get(offers)
    if (merged === undefined) {
      merged = { ...this.#everywhere, ...offers }
      this.#atListener.set(offers, merged)
    }
    return merged
  }
}
