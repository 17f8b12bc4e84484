/** One process's access to the rows that all processes of a simulated host share. */
import { HawserError } from '@hawser/std'
import type { StateChange, StateRow, StateStore } from '../state.ts'
import type { Lease } from './lease.ts'
import type { Turns } from './turns.ts'

export const diskFull = (): HawserError =>
  new HawserError('DISK_FULL', 'the disk of the simulated host is full', { retryable: true })

/** A scan lets others have their turn after so many rows. */
const rowsPerTurn = 64

export class SimulatedState implements StateStore {
  readonly #shared: StateStore
  readonly #turns: Turns
  readonly #lease: Lease
  readonly #diskIsFull: () => boolean
  readonly #writing = new Set<Promise<unknown>>()
  #waiting: (() => void)[] = []
  #closed = false

  constructor(shared: StateStore, turns: Turns, lease: Lease, diskIsFull: () => boolean) {
    this.#shared = shared
    this.#turns = turns
    this.#lease = lease
    this.#diskIsFull = diskIsFull
  }

  async get(table: string, key: string): Promise<StateRow | undefined> {
    await this.#turn()
    return this.#shared.get(table, key)
  }

  write(changes: readonly StateChange[]): Promise<'applied' | 'conflict'> {
    const copied = changes.map(({ value, ...rest }) => ({ ...rest, value: value && Buffer.from(value) }))
    const writing = this.#write(copied)
    const settled = writing.catch(() => undefined).finally(() => this.#writing.delete(settled))
    this.#writing.add(settled)
    return writing
  }

  async *scan(table: string, from?: string): AsyncGenerator<StateRow & { readonly key: string }> {
    await this.#turn()
    let rows = 0
    for await (const row of this.#shared.scan(table, from)) {
      this.#mustBeOpen()
      yield row
      if (++rows % rowsPerTurn === 0) await this.#turn()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#writing)
    this.#closed = true
  }

  async #write(changes: readonly StateChange[]): Promise<'applied' | 'conflict'> {
    this.#mustBeOpen()
    // Writes are applied in the order of their calls, whatever the order of the turns.
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push(resolve)
      this.#turns.next('state').then(() => this.#waiting.shift()?.(), reject)
    })
    this.#lease.mustHold()
    if (this.#diskIsFull()) {
      throw diskFull()
    }
    const answer = await this.#shared.write(changes)
    // Applied, and its caller has not heard of it: a process may die here.
    await this.#turn()
    return answer
  }

  async #turn(): Promise<void> {
    this.#mustBeOpen()
    await this.#turns.next('state')
    this.#mustBeOpen()
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new HawserError('STATE_FAILED', 'the state is closed')
  }
}
