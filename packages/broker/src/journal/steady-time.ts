/**
 * The time in which is counted what outlives a connection: delays of wills, ends of sessions and of messages. Within one
 * boot of the host it goes by the monotonic clock, which all its processes share, so that no jump of the wall clock
 * brings anything forward or puts it off. From one boot to the next the wall clock says how much time has passed. It
 * began as the wall time, and has left out its jumps since. Hosts that share the state have each a row of their own for a
 * boot, since neither their monotonic clocks nor their jumps are those of others: what they agree on is the wall time.
 */
import type { StateChange, StateStore } from '@hawser/engine'
import { type Clock, type SteadyMicros, steadyMicros } from '@hawser/std'
import { brokerTable, steadyTimeKey } from './tables.ts'

/** What the wall clock is corrected by little by little counts as no jump. */
const jumpMicrosMin = 1e6

/** A row as JSON. */
interface SteadyTimeRow {
  /** In which `offset` holds; null: nobody knows. */
  readonly bootId: string | null
  /** What is added to the monotonic clock, in microseconds. */
  readonly offset: number
  /** How far the wall clock has jumped ahead, in microseconds. */
  readonly jumped: number
  /** The time has come to here. */
  readonly at: SteadyMicros
}

export class SteadyTime {
  readonly #clock: Clock
  readonly #bootId: string | undefined
  readonly #key: string
  #offset: number
  /** As the store has it. */
  #jumped = 0

  constructor(clock: Clock, bootId?: string, hosts: 'one' | 'many' = 'one') {
    this.#clock = clock
    this.#bootId = bootId
    this.#key = hosts === 'one' ? steadyTimeKey : `${steadyTimeKey}/${bootId ?? 'unknown'}`
    this.#offset = clock.wallMicros() - clock.monotonicMs() * 1_000
  }

  now(): SteadyMicros {
    return steadyMicros(Math.round(this.#clock.monotonicMs() * 1_000 + this.#offset))
  }

  /** Goes on where other processes are, or where an earlier boot has left off. */
  async start(state: StateStore): Promise<void> {
    for (;;) {
      const stored = await state.get(brokerTable, this.#key)
      const row = stored && (JSON.parse(stored.value.toString('utf8')) as SteadyTimeRow)
      if (row !== undefined && this.#isOfThisBoot(row)) {
        this.#offset = row.offset
        this.#jumped = row.jumped
        return
      }
      this.#goOn(row)
      const begun = this.row()
      // Of several that start at once one says how it goes on.
      if ((await state.write([{ ...this.change(begun), expected: stored?.revision ?? 0 }])) === 'conflict') continue
      return this.stored(begun)
    }
  }

  /** The wall clock has, and the store does not know of it yet. */
  get hasJumped(): boolean {
    return Math.abs(this.#clock.wallMicros() - this.now() - this.#jumped) >= jumpMicrosMin
  }

  /** What the next boot needs; the caller says `stored` when it is durable. */
  row(): SteadyTimeRow {
    const at = this.now()
    return { bootId: this.#bootId ?? null, offset: this.#offset, jumped: this.#clock.wallMicros() - at, at }
  }

  change(row: SteadyTimeRow): StateChange {
    return { table: brokerTable, key: this.#key, value: Buffer.from(JSON.stringify(row)) }
  }

  stored({ jumped }: SteadyTimeRow): void {
    this.#jumped = jumped
  }

  /** A copy of a running machine has its boot id too, but not its monotonic clock. */
  #isOfThisBoot({ bootId, offset, at }: SteadyTimeRow): boolean {
    return bootId === this.#bootId && this.#clock.monotonicMs() * 1_000 + offset >= at - jumpMicrosMin
  }

  /** Where the wall clock is behind what was seen before, no time has passed. */
  #goOn(row: SteadyTimeRow | undefined): void {
    const { jumped = 0, at = 0 } = row ?? {}
    const now = Math.max(this.#clock.wallMicros() - jumped, at)
    this.#offset = now - this.#clock.monotonicMs() * 1_000
  }
}
