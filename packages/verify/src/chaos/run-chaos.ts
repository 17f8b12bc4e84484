/**
 * The matrix: in each round one thing breaks while all forms of traffic go on, and then each form's books must be even.
 * Whatever has been broken is mended before this returns or throws.
 */
import { type Clock, HawserError, type Milliseconds, milliseconds, type Random, sleep } from '@hawser/std'
import type { EntryBudget } from './clients/publisher.ts'
import type { Reach } from './clients/roaming.ts'
import { waitUntil } from './clients/wait-until.ts'
import type { ChaosEvent, RoundResult } from './events.ts'
import type { Fault } from './faults/fault.ts'
import type { FormName, OpenForm } from './forms/form.ts'
import { forms } from './forms/forms.ts'
import { isEven } from './ledger/balance.ts'
import type { CaseResult } from './report/summary.ts'

export interface ChaosPlan {
  readonly reach: Reach
  readonly faults: readonly Fault[]
  readonly forms: readonly FormName[]
  readonly rounds: number
  /** Messages a second, of all forms together. */
  readonly ratePerSecond: number
  readonly prefix: string
  readonly settleMsMax: Milliseconds
  /** In place of each fault's own. */
  readonly holdMs: Milliseconds | undefined
  readonly entriesMax: number
}

export interface ChaosWorld {
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  readonly tell: (event: ChaosEvent) => void
}

export interface ChaosOutcome {
  readonly cases: readonly CaseResult[]
  /** Why it ended before all rounds were run. */
  readonly brokenOff: string | undefined
}

/** Load ahead of a fault; as long again, at random, so that faults meet any state. */
const loadMs = 400

export async function runChaos(plan: ChaosPlan, world: ChaosWorld): Promise<ChaosOutcome> {
  const cases: CaseResult[] = []
  try {
    for (const fault of plan.faults) {
      if (fault.missing !== undefined) world.tell({ event: 'not-here', fault: fault.name, why: fault.missing })
      else await new Case(plan, world, fault, cases).run()
    }
    return { cases, brokenOff: undefined }
  } catch (error) {
    const wasRun = cases.some(({ rounds }) => rounds.length > 0)
    if (!wasRun && !world.signal.aborted) throw error
    return { cases, brokenOff: world.signal.aborted ? endOf(world.signal) : wordsOf(error) }
  }
}

const endOf = ({ reason }: AbortSignal): string =>
  reason instanceof BrokenOff ? reason.message : 'interrupted before all rounds were run'

function wordsOf(error: unknown): string {
  if (error instanceof SuppressedError) return `${wordsOf(error.suppressed)}; and then: ${wordsOf(error.error)}`
  if (error instanceof HawserError) return error.line
  return error instanceof Error ? error.message : String(error)
}

/** The run ends here, with what it knows so far. */
export class BrokenOff extends Error {}

/** One fault, all forms, so many rounds. */
class Case {
  readonly #plan: ChaosPlan
  readonly #world: ChaosWorld
  readonly #fault: Fault
  readonly #results: Map<FormName, { rounds: RoundResult[]; index: number }>
  readonly #cases: CaseResult[]
  readonly #entries: EntryBudget

  constructor(plan: ChaosPlan, world: ChaosWorld, fault: Fault, cases: CaseResult[]) {
    this.#plan = plan
    this.#world = world
    this.#fault = fault
    this.#cases = cases
    this.#entries = { left: plan.entriesMax }
    this.#results = new Map(
      plan.forms.map((form) => {
        const rounds: RoundResult[] = []
        // Rounds that were run are told even where the run ends in the middle.
        return [form, { rounds, index: cases.push({ fault: fault.name, form, rounds, whole: undefined }) - 1 }]
      }),
    )
  }

  async run(): Promise<void> {
    await using open = new AsyncDisposableStack()
    const { clock, random, signal } = this.#world
    const { prepare } = this.#fault
    if (prepare !== undefined) {
      await using undo = new AsyncDisposableStack()
      await prepare.call(this.#fault, { clock, random, signal, undo })
    }
    const running = new Map<FormName, OpenForm>()
    for (const form of this.#plan.forms) running.set(form, open.use(await this.#open(form)))
    for (let round = 1; round <= this.#plan.rounds; round++) {
      await this.#round(round, running)
      if (this.#entries.left <= 0) {
        throw new BrokenOff(
          `the ledger is full (${this.#plan.entriesMax} entries): ask for fewer rounds or a lower rate`,
        )
      }
    }
    await Promise.all([...running].map(([name, form]) => this.#close(name, form)))
  }

  #open(form: FormName): Promise<OpenForm> {
    const { reach, prefix, ratePerSecond, settleMsMax } = this.#plan
    const { clock, signal } = this.#world
    return forms[form]({
      reach,
      clock,
      prefix: `${prefix}-${this.#fault.name}`,
      ratePerSecond: ratePerSecond / this.#plan.forms.length,
      entries: this.#entries,
      settleMsMax,
      signal,
    })
  }

  async #round(round: number, running: ReadonlyMap<FormName, OpenForm>): Promise<void> {
    const { clock, random, signal, tell } = this.#world
    const all = [...running.values()]
    await Promise.all(all.map((form) => form.begin()))
    await sleep(clock, milliseconds(loadMs + random.integer(loadMs)), signal)
    await this.#break(round, all)
    await waitUntil(clock, this.#plan.settleMsMax, signal, () => all.map((form) => form.recovered()).every(Boolean))
    await Promise.all(
      [...running].map(async ([name, form]) => {
        const books = await form.end()
        const isWell = isEven(books.balance) && books.recoveryMs !== undefined
        const result = { fault: this.#fault.name, form: name, round, ok: isWell, ...books }
        this.#results.get(name)?.rounds.push(result)
        tell({ event: 'round', ...result })
      }),
    )
  }

  async #break(round: number, all: readonly OpenForm[]): Promise<void> {
    const { clock, random, signal, tell } = this.#world
    const fault = this.#fault.name
    const startedAtMs = clock.monotonicMs()
    {
      await using undo = new AsyncDisposableStack()
      const begins = (): void => {
        for (const form of all) form.fault()
      }
      if (!this.#fault.isLate) begins()
      const what = await this.#fault.inject({ clock, random, signal, undo })
      if (this.#fault.isLate) begins()
      tell({ event: 'injected', fault, round, what })
      await sleep(clock, this.#plan.holdMs ?? this.#fault.holdMs, signal)
    }
    tell({ event: 'undone', fault, round, afterMs: Math.round(clock.monotonicMs() - startedAtMs) })
  }

  async #close(name: FormName, form: OpenForm): Promise<void> {
    const result = this.#results.get(name)
    if (result === undefined) return
    const { fault } = { fault: this.#fault.name }
    const balance = await form.whole()
    this.#cases[result.index] = { fault, form: name, rounds: result.rounds, whole: balance }
    const evenRounds = result.rounds.filter(({ ok }) => ok).length
    this.#world.tell({ event: 'case', fault, form: name, evenRounds, rounds: result.rounds.length, balance })
  }
}
