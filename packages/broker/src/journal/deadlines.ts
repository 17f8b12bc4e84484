/**
 * When wills and session expiries fall due, kept in the store so that they cost no memory and outlive the process. Each
 * lane has its own; who takes over a lane moves them. A deadline names a client id only; what is really due is looked up then, so that a stale one does no harm.
 */
import type { Partition, StateChange, StateStore } from '@hawser/engine'
import { type ClientId, type SteadyMicros, steadyMicros } from '@hawser/std'
import type { SteadyTime } from './steady-time.ts'
import { deadlineTable, laneTable } from './tables.ts'

const timeDigits = 17
/** Taken at one tick; the rest waits for the next. */
const duePerTickMax = 1_000
/** Taken, and still in the store until the next checkpoint; past it none is taken. */
const takenMax = 20_000
/** Moved in one write. */
const movedAtOnce = 1_000

const keyOf = (due: SteadyMicros, clientId: ClientId): string => `${String(due).padStart(timeDigits, '0')}/${clientId}`

export class Deadlines {
  readonly #state: StateStore
  readonly #steady: SteadyTime
  readonly #table: string
  /** Not stored before the next checkpoint. */
  readonly #fresh = new Map<string, SteadyMicros>()
  /** What came of them is not durable before the next checkpoint, which takes them out of the store. */
  readonly #taken = new Set<string>()
  /** No stored deadline is earlier. */
  #storedFrom: SteadyMicros = steadyMicros(0)

  constructor(state: StateStore, steady: SteadyTime, own: Partition) {
    this.#state = state
    this.#steady = steady
    this.#table = laneTable(deadlineTable, own)
  }

  add(due: SteadyMicros, clientId: ClientId): void {
    this.#fresh.set(keyOf(due, clientId), due)
  }

  get hasChanges(): boolean {
    return this.#fresh.size > 0 || this.#taken.size > 0
  }

  /** What puts a deadline into the store at once. */
  changeOf(due: SteadyMicros, clientId: ClientId): StateChange {
    return { table: this.#table, key: keyOf(due, clientId), value: Buffer.alloc(0) }
  }

  /** What the checkpoint writes; the caller says `stored` when it is durable. */
  changes(): StateChange[] {
    return [
      ...Array.from(this.#taken, (key) => ({ table: this.#table, key, value: null })),
      ...Array.from(this.#fresh.keys(), (key) => ({ table: this.#table, key, value: Buffer.alloc(0) })),
    ]
  }

  stored(changes: readonly StateChange[]): void {
    for (const { key, value } of changes) {
      if (value === null) this.#taken.delete(key)
      const due = value === null ? undefined : this.#fresh.get(key)
      if (due === undefined) continue
      if (due < this.#storedFrom) this.#storedFrom = due
      this.#fresh.delete(key)
    }
  }

  /** What is due now and was not taken before. */
  async take(): Promise<ClientId[]> {
    const now = this.#steady.now()
    const due: ClientId[] = []
    for (const [key, at] of this.#fresh) {
      if (at > now || due.length >= duePerTickMax) continue
      due.push(clientIdOf(key))
      this.#fresh.delete(key)
    }
    if (this.#storedFrom > now || this.#taken.size >= takenMax) return due
    this.#storedFrom = steadyMicros(Number.MAX_SAFE_INTEGER)
    for await (const { key } of this.#state.scan(this.#table)) {
      if (this.#taken.has(key)) continue
      const at = steadyMicros(Number(key.slice(0, timeDigits)))
      if (at > now || due.length >= duePerTickMax) {
        this.#storedFrom = steadyMicros(Math.min(this.#storedFrom, at))
        break
      }
      due.push(clientIdOf(key))
      this.#taken.add(key)
    }
    return due
  }

  /** Makes the deadlines of a lane without owner the own ones; who is stopped half-way may begin again. */
  async takeOver(lane: Partition): Promise<void> {
    const table = laneTable(deadlineTable, lane)
    let moves: StateChange[] = []
    for await (const { key } of this.#state.scan(table)) {
      moves.push({ table, key, value: null }, { table: this.#table, key, value: Buffer.alloc(0) })
      if (moves.length < movedAtOnce) continue
      await this.#state.write(moves)
      moves = []
    }
    if (moves.length > 0) await this.#state.write(moves)
    this.#storedFrom = steadyMicros(0)
  }
}

const clientIdOf = (key: string): ClientId => key.slice(timeDigits + 1) as ClientId
