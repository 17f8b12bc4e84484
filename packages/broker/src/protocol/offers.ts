/** What is offered at each listener: its own options over those of the broker. */
import type { ListenerRules } from '../transport/listener-options.ts'
import { defaultProtocol, type ProtocolOptions } from './options.ts'

export class Offers {
  #everywhere: ProtocolOptions
  /** Made once for the rules of a listener, not for each of its connections. */
  #atListener = new WeakMap<Partial<ProtocolOptions>, ProtocolOptions>()

  constructor(everywhere: Partial<ProtocolOptions> = {}) {
    this.#everywhere = { ...defaultProtocol, ...everywhere }
  }

  /** For the connections to come: to those that are here CONNACK has said what holds. */
  replace(everywhere: Partial<ProtocolOptions>): void {
    this.#everywhere = { ...defaultProtocol, ...everywhere }
    this.#atListener = new WeakMap()
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
