/** A configuration of Mosquitto as it was read: which option stands where, with which value, and for which listener. */
import type { Option, Verdict } from '../options/option.ts'

export interface Place {
  readonly file: string
  readonly line: number
}

/** One thing that Mosquitto itself would refuse, or that means two things. */
export interface ConfFault extends Place {
  readonly what: string
  readonly mend: string
}

export type ConfValue = string | number | boolean

export interface Setting {
  readonly option: Option
  readonly value: ConfValue
  readonly place: Place
  readonly verdict: Verdict
}

/** By the option's name; more than one only where an option adds to the one before. */
export class Settings {
  readonly #byName = new Map<string, Setting[]>()

  add(setting: Setting): void {
    const { name, again } = setting.option
    const before = again === 'adds' ? (this.#byName.get(name) ?? []) : []
    this.#byName.set(name, [...before, setting])
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  all(name: string): readonly Setting[] {
    return this.#byName.get(name) ?? []
  }

  get(name: string): Setting | undefined {
    return this.#byName.get(name)?.at(-1)
  }

  /** Of an option that takes text. */
  text(name: string): string | undefined {
    const value = this.get(name)?.value
    return value === undefined ? undefined : String(value)
  }

  number(name: string): number | undefined {
    const value = this.get(name)?.value
    return typeof value === 'number' ? value : undefined
  }

  boolean(name: string): boolean | undefined {
    const value = this.get(name)?.value
    return typeof value === 'boolean' ? value : undefined
  }

  *[Symbol.iterator](): Iterator<Setting> {
    for (const settings of this.#byName.values()) yield* settings
  }
}

export interface ListenerSection {
  /** The `listener` line; undefined of the default listener, which `port` and `bind_address` are for. */
  readonly line: Setting | undefined
  readonly settings: Settings
}

export interface BridgeSection {
  /** The `connection` line. */
  readonly line: Setting
  readonly settings: Settings
}

export interface MosquittoConf {
  readonly file: string
  readonly settings: Settings
  /** In the order of the file; none: Mosquitto's local only mode. */
  readonly listeners: readonly ListenerSection[]
  readonly bridges: readonly BridgeSection[]
  readonly perListenerSettings: boolean
  /** Every option as it stands, in the order of reading. */
  readonly entries: readonly Setting[]
  readonly faults: readonly ConfFault[]
}
