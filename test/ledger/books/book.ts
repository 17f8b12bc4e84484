/** What one reader has found of a log: each record under its name, with the message in it. Some bytes a record. */

export interface Entry {
  /** Of the log, as its event id says. */
  readonly partition: number
  readonly position: number
  readonly machine: number
  /** The machine's messages are numbered from 0. */
  readonly number: number
}

const faultsMax = 20
/** A message as one number, which is never 0. */
const codeOf = ({ machine, number }: Entry): number => machine * 2 ** 32 + number + 1

export class Book {
  readonly reader: string
  /** Sentences: what must not be. */
  readonly faults: string[] = []
  records = 0
  duplicates = 0
  readonly #codes = new Map<number, Column>()
  readonly #numbers: readonly Column[]
  readonly #newest = new Map<string, number>()

  constructor(reader: string, machines: number) {
    this.reader = reader
    this.#numbers = Array.from({ length: machines }, () => new Column())
  }

  /** In the order in which the reader finds them: that of each key is checked. */
  take(entry: Entry): void {
    const { partition, position, machine, number } = entry
    const codes = this.#codesOf(partition)
    const before = codes.get(position)
    if (before === codeOf(entry)) {
      this.duplicates++
      return
    }
    if (before !== 0) return this.fault(`${partition}/${position} names two messages`)
    codes.set(position, codeOf(entry))
    this.#numbers[machine]?.set(number, 1)
    this.records++
    const key = `${partition}/${machine}`
    if (position < (this.#newest.get(key) ?? -1))
      this.fault(`${partition}/${position} comes late for machine ${machine}`)
    this.#newest.set(key, position)
  }

  has(machine: number, number: number): boolean {
    return this.#numbers[machine]?.get(number) === 1
  }

  /** Records of `other`, of these machines, that are not here, or are others here. */
  lacks(other: Book, machines: ReadonlySet<number>): number {
    let lacking = 0
    for (const [partition, codes] of other.#codes) {
      const own = this.#codesOf(partition)
      for (let position = 0; position < codes.length; position++) {
        const code = codes.get(position)
        if (code !== 0 && machines.has(Math.floor(code / 2 ** 32)) && own.get(position) !== code) lacking++
      }
    }
    return lacking
  }

  fault(sentence: string): void {
    if (this.faults.length < faultsMax) this.faults.push(`${this.reader}: ${sentence}`)
  }

  #codesOf(partition: number): Column {
    const found = this.#codes.get(partition) ?? new Column()
    this.#codes.set(partition, found)
    return found
  }
}

/** Numbers by index, 0 where there is none. */
class Column {
  #values = new Float64Array(1024)
  length = 0

  get(index: number): number {
    return this.#values[index] ?? 0
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      const grown = new Float64Array(2 ** Math.ceil(Math.log2(index + 1)))
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[index] = value
    this.length = Math.max(this.length, index + 1)
  }
}
