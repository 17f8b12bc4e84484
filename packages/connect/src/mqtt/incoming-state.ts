/**
 * What of another broker's session must outlive this process: a row of our own state. At QoS 2 a packet id names one
 * message until it is released. It is given a number, durable before the log has the message, so that what comes again
 * after a crash bears the same name, and is known.
 */
import type { StateStore } from '@hawser/engine'
import { HawserError } from '@hawser/std'

const table = 'bridge'
const formatVersion = 1

interface StoredState {
  readonly version: number
  /** Of the newest message at QoS 2. */
  readonly last: number
  readonly held: readonly (readonly [packetId: number, number: number])[]
  /** What the session there is subscribed to. */
  readonly subscribed: readonly string[]
}

export class IncomingState {
  readonly #store: StateStore
  readonly #key: string
  #last: number
  /** As many as are under way at a time. */
  readonly #held: Map<number, number>
  #subscribed: readonly string[]
  #writing: Promise<unknown> = Promise.resolve()
  #next: Promise<void> | undefined

  private constructor(store: StateStore, key: string, { last, held, subscribed }: Omit<StoredState, 'version'>) {
    this.#store = store
    this.#key = key
    this.#last = last
    this.#held = new Map(held)
    this.#subscribed = subscribed
  }

  static async open(store: StateStore, name: string): Promise<IncomingState> {
    const row = await store.get(table, name)
    if (row === undefined) return new IncomingState(store, name, { last: 0, held: [], subscribed: [] })
    const stored: StoredState = JSON.parse(row.value.toString('utf8'))
    if (stored.version === formatVersion) return new IncomingState(store, name, stored)
    throw new HawserError(
      'DATA_DIR_VERSION',
      `the session of connector ${name} has format ${stored.version}, this program knows ${formatVersion}`,
      { mend: 'use the newer program' },
    )
  }

  get subscribed(): readonly string[] {
    return this.#subscribed
  }

  /** The number of the message that the id names now; a new one where it names none. */
  hold(packetId: number): number {
    const held = this.#held.get(packetId)
    if (held !== undefined) return held
    this.#held.set(packetId, ++this.#last)
    return this.#last
  }

  /** Answers whether it was held. */
  release(packetId: number): boolean {
    return this.#held.delete(packetId)
  }

  /** The session there is a new one. */
  begin(): void {
    this.#held.clear()
    this.#subscribed = []
  }

  subscribe(filters: readonly string[]): void {
    this.#subscribed = filters
  }

  /** Resolves once all that has changed until the call is durable: many wait for one write. */
  save(): Promise<void> {
    this.#next ??= this.#writeNext()
    return this.#next
  }

  async #writeNext(): Promise<void> {
    await this.#writing.catch(() => undefined)
    this.#next = undefined
    const stored: StoredState = {
      ...{ version: formatVersion, last: this.#last },
      ...{ held: [...this.#held], subscribed: this.#subscribed },
    }
    const value = Buffer.from(JSON.stringify(stored))
    const written = this.#store.write([{ table, key: this.#key, value }])
    this.#writing = written
    await written
  }
}
