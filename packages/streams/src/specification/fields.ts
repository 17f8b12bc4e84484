/** Reads an object that a user wrote: every fault is noted with its path, none is thrown. */

export class Fields {
  readonly #value: Readonly<Record<string, unknown>>
  readonly #read = new Set<string>()
  readonly path: string
  readonly faults: string[]

  constructor(value: unknown, path: string, faults: string[]) {
    this.path = path
    this.faults = faults
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isObject) faults.push(`${path === '' ? 'the specification' : path} must be an object`)
    this.#value = isObject ? (value as Readonly<Record<string, unknown>>) : {}
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }

  has(name: string): boolean {
    return this.#take(name) !== undefined
  }

  fault(name: string, what: string): void {
    this.faults.push(`${this.at(name)} ${what}`)
  }

  text(
    name: string,
    fallback?: string,
    pattern = /^[^\0]{1,256}$/s,
    what = 'must be text of 1 to 256 characters',
  ): string {
    const value = this.#take(name) ?? fallback
    if (typeof value === 'string' && pattern.test(value)) return value
    this.fault(name, what)
    return fallback ?? ''
  }

  /** The value as it is, for fields of more than one type. */
  raw(name: string): unknown {
    return this.#take(name)
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[], fallback?: Choice): Choice {
    const value = this.#take(name) ?? fallback
    const found = choices.find((choice) => choice === value)
    if (found === undefined) this.fault(name, `must be one of ${choices.join(', ')}`)
    return found ?? (choices[0] as Choice)
  }

  integer(name: string, min: number, max: number, fallback?: number): number {
    const value = this.#take(name) ?? fallback
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
    this.fault(name, `must be an integer from ${min} to ${max}`)
    return fallback ?? min
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.#take(name) ?? fallback
    if (typeof value !== 'boolean') this.fault(name, 'must be true or false')
    return value === true
  }

  object(name: string): Fields {
    return new Fields(this.#take(name), this.at(name), this.faults)
  }

  /** Entries of an object whose keys are names that the user chose. */
  entries(name: string): readonly (readonly [string, unknown])[] {
    const value = this.#take(name) ?? {}
    if (typeof value === 'object' && !Array.isArray(value)) return Object.entries(value)
    this.fault(name, 'must be an object')
    return []
  }

  list(name: string): readonly unknown[] {
    const value = this.#take(name) ?? []
    if (Array.isArray(value)) return value
    this.fault(name, 'must be a list')
    return []
  }

  objects(name: string): readonly Fields[] {
    return this.list(name).map((value, index) => new Fields(value, `${this.at(name)}[${index}]`, this.faults))
  }

  /** What was not asked for is a slip of the pen, such as a misspelt name. */
  end(): void {
    for (const name of Object.keys(this.#value)) {
      if (!this.#read.has(name)) this.fault(name, 'is not a known field')
    }
  }

  #take(name: string): unknown {
    this.#read.add(name)
    return Object.hasOwn(this.#value, name) ? (this.#value[name] ?? undefined) : undefined
  }
}
