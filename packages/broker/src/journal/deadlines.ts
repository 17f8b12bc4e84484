/**
 * When wills and session expiries fall due, kept in the store so that they cost no memory and outlive the process. A
 * deadline names a client id only; what is really due is looked up then, so that a stale one does no harm.
 */
import type { StateChange, StateStore } from '@hawser/engine'
import { type ClientId, type Clock, type EpochMicros, epochMicros } from '@hawser/std'
import { deadlineTable } from './tables.ts'

const timeDigits = 17
/** Taken at one tick; the rest waits for the next. */
const duePerTickMax = 1_000

const keyOf = (due: EpochMicros, clientId: ClientId): string => `${String(due).padStart(timeDigits, '0')}/${clientId}`

export class Deadlines {
  readonly #state: StateStore
  readonly #clock: Clock
  /** Not stored before the next checkpoint. */
  readonly #fresh = new Map<string, EpochMicros>()
  /** No stored deadline is earlier. */
  #storedFrom: EpochMicros = epochMicros(0)

  constructor(state: StateStore, clock: Clock) {
    this.#state = state
    this.#clock = clock
  }

  add(due: EpochMicros, clientId: ClientId): void {
    this.#fresh.set(keyOf(due, clientId), due)
  }

  get hasChanges(): boolean {
    return this.#fresh.size > 0
  }

  /** What the checkpoint writes; the caller says `stored` when it is durable. */
  changes(): StateChange[] {
    return [...this.#fresh.keys()].map((key) => ({ table: deadlineTable, key, value: Buffer.alloc(0) }))
  }

  stored(changes: readonly StateChange[]): void {
    for (const { key } of changes) {
      const due = this.#fresh.get(key)
      if (due !== undefined && due < this.#storedFrom) this.#storedFrom = due
      this.#fresh.delete(key)
    }
  }

  /** Takes out what is due now. */
  async take(): Promise<ClientId[]> {
    const now = this.#clock.wallMicros()
    const due: ClientId[] = []
    for (const [key, at] of this.#fresh) {
      if (at > now || due.length >= duePerTickMax) continue
      due.push(clientIdOf(key))
      this.#fresh.delete(key)
    }
    if (this.#storedFrom > now) return due
    const taken: StateChange[] = []
    this.#storedFrom = epochMicros(Number.MAX_SAFE_INTEGER)
    for await (const { key } of this.#state.scan(deadlineTable)) {
      const at = epochMicros(Number(key.slice(0, timeDigits)))
      if (at > now || due.length >= duePerTickMax) {
        this.#storedFrom = epochMicros(Math.min(this.#storedFrom, at))
        break
      }
      due.push(clientIdOf(key))
      taken.push({ table: deadlineTable, key, value: null })
    }
    if (taken.length > 0) await this.#state.write(taken)
    return due
  }
}

const clientIdOf = (key: string): ClientId => key.slice(timeDigits + 1) as ClientId
