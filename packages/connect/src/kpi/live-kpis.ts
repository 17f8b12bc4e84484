/**
 * KPIs of this run from memory: stage A over what has come since the start, before a database is there and whether
 * or not it keeps up. It is one more cursor over the log, and its sink forgets: nothing here survives the process.
 */
import type { LogId } from '@hawser/engine'
import { type Milliseconds, milliseconds } from '@hawser/std'
import type { AccumulatorRow, Specification } from '@hawser/streams'
import type { Connector, MessageBatch, Sink, WriteOutcome } from '../connector.ts'
import { type KpiWindow, kpiWindow } from './kpi-window.ts'
import { refusedMessages, StageA, type StageAChange } from './stage-a.ts'

export interface LiveKpisOptions {
  readonly specification: Specification
  /** Of each machine; the open one included. */
  readonly windowsPerMachineMax?: number
  /** Machines beyond are not shown here; the database has them all. */
  readonly machinesMax?: number
  readonly lingerMs?: Milliseconds
}

export interface LiveKpis {
  readonly connector: Connector
  /** The newest windows of each machine, oldest first. A window that began before this run lacks what came before. */
  windows(): readonly KpiWindow[]
}

export function liveKpis(options: LiveKpisOptions): LiveKpis {
  const { specification, windowsPerMachineMax = 3, machinesMax = 1_000, lingerMs = milliseconds(250) } = options
  const shown = new ShownRows(windowsPerMachineMax, machinesMax)
  const connector: Connector = {
    name: `live-kpi-${specification.name}`,
    kind: 'memory',
    filters: [specification.filter],
    begin: 'newest',
    limits: { lingerMs },
    open: async (logId) => new LiveSink(specification, logId, shown),
  }
  return { connector, windows: () => shown.windows() }
}

class LiveSink implements Sink {
  readonly checkpoint = undefined
  readonly #stageA: StageA
  readonly #logId: LogId
  readonly #shown: ShownRows

  constructor(specification: Specification, logId: LogId, shown: ShownRows) {
    this.#stageA = new StageA(specification)
    this.#logId = logId
    this.#shown = shown
  }

  async write({ messages, seenUntil }: MessageBatch): Promise<WriteOutcome> {
    const change = this.#stageA.apply(this.#logId, messages, seenUntil)
    this.#take(change)
    const deadLetters = refusedMessages(change)
    return { written: messages.length - deadLetters, duplicates: 0, deadLetters }
  }

  async tick(seenUntil: MessageBatch['seenUntil']): Promise<void> {
    this.#take(this.#stageA.tick(seenUntil))
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #take(change: StageAChange): void {
    this.#stageA.adopt(change)
    this.#shown.take(change.rows)
  }
}

/** The newest rows of each machine, by the start of their window. */
class ShownRows {
  readonly #windowsPerMachineMax: number
  readonly #machinesMax: number
  readonly #rows = new Map<string, Map<number, AccumulatorRow>>()

  constructor(windowsPerMachineMax: number, machinesMax: number) {
    this.#windowsPerMachineMax = windowsPerMachineMax
    this.#machinesMax = machinesMax
  }

  windows(): readonly KpiWindow[] {
    return [...this.#rows.values()].flatMap((rows) => [...rows.values()].sort(byStart).map(kpiWindow))
  }

  take(rows: readonly AccumulatorRow[]): void {
    for (const row of rows) this.#machine(row.key)?.set(row.windowStart, row)
    for (const { key } of rows) this.#trim(key)
  }

  #machine(key: string): Map<number, AccumulatorRow> | undefined {
    const known = this.#rows.get(key)
    if (known !== undefined || this.#rows.size >= this.#machinesMax) return known
    const added = new Map<number, AccumulatorRow>()
    this.#rows.set(key, added)
    return added
  }

  #trim(key: string): void {
    const rows = this.#rows.get(key)
    if (rows === undefined) return
    const starts = [...rows.keys()].sort((left, right) => left - right)
    for (const start of starts.slice(0, -this.#windowsPerMachineMax)) rows.delete(start)
  }
}

const byStart = (left: AccumulatorRow, right: AccumulatorRow): number => left.windowStart - right.windowStart
