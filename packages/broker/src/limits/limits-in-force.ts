/** The limits in force, in all and by listener. A reload changes them in place: whoever holds them sees it at once. */
import type { ListenerRules } from '../transport/listener-options.ts'
import { defaultLimits, type Limits, listenerLimitNames } from './limits.ts'

type Changeable = { -readonly [Key in keyof Limits]: Limits[Key] }

export class LimitsInForce {
  readonly #all: Changeable
  #byRules = new WeakMap<ListenerRules, Limits>()

  constructor(given: Partial<Limits> | undefined) {
    this.#all = { ...defaultLimits, ...given }
  }

  get all(): Limits {
    return this.#all
  }

  /** Of a listener that has none of its own: those of all. */
  of(rules: ListenerRules): Limits {
    const known = this.#byRules.get(rules)
    if (known !== undefined) return known
    const own = listenerLimitNames.filter((name) => rules[name] !== undefined)
    const limits: Changeable =
      own.length === 0 ? this.#all : { ...this.#all, ...Object.fromEntries(own.map((name) => [name, rules[name]])) }
    // The broker's own bound holds everywhere.
    if (limits !== this.#all) limits.packetBytesMax = Math.min(limits.packetBytesMax, this.#all.packetBytesMax)
    this.#byRules.set(rules, limits)
    return limits
  }

  replace(given: Partial<Limits> | undefined): void {
    Object.assign(this.#all, defaultLimits, given)
    this.#byRules = new WeakMap()
  }
}
