/** Machines for the console: what they say now, their KPI windows of this run, and the database for what was before. */
import type { Alarm, Machine, MachineHistory, MachineHistoryQuery, KpiWindow as ShownWindow } from '@hawser/admin'
import type { KpiWindow, LiveKpis } from '@hawser/connect/kpi'
import { type Database, queryAlarms, queryMachineHistory } from '@hawser/connect/postgres'
import type { Clock } from '@hawser/std'
import type { MachineView } from '../source/hawser-source.ts'
import { alarmOf, type MachineMemory, millis } from './machine-memory.ts'

const alarmsMax = 50
const refreshEveryMs = 1_000

export interface KpiMachinesOptions {
  readonly live: readonly LiveKpis[]
  readonly memories: readonly MachineMemory[]
  /** Undefined where no database is configured. */
  readonly database: Database | undefined
  readonly clock: Clock
  readonly onFault: (error: unknown) => void
}

export class KpiMachines implements MachineView {
  readonly #options: KpiMachinesOptions
  #stored: readonly Alarm[] = []
  #refreshedAtMs = Number.NEGATIVE_INFINITY
  #refreshing = false

  constructor(options: KpiMachinesOptions) {
    this.#options = options
  }

  async machines(): Promise<readonly Machine[]> {
    const windows = Map.groupBy(
      this.#options.live.flatMap((live) => live.windows()),
      ({ machine }) => machine,
    )
    return this.#options.memories
      .flatMap((memory) => memory.machines())
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((machine) => {
        const own = windows.get(machine.id) ?? []
        const current = own.findLast(({ final }) => !final)
        const lastFinal = own.findLast(({ final }) => final)
        return { ...machine, current: shownOrNull(current), lastFinal: shownOrNull(lastFinal) }
      })
  }

  /** Of this run at once, of earlier ones as soon as the database has answered. */
  async alarms(): Promise<readonly Alarm[]> {
    void this.#refresh()
    const byName = new Map<string, Alarm>()
    for (const alarm of [...this.#live(), ...this.#stored]) byName.set(`${alarm.machineId}@${alarm.atMs}`, alarm)
    return [...byName.values()].sort((a, b) => b.atMs - a.atMs).slice(0, alarmsMax)
  }

  async history({ machine, windows }: MachineHistoryQuery): Promise<MachineHistory | undefined> {
    const { database, memories } = this.#options
    const known = memories.find((memory) => memory.machines().some(({ id }) => id === machine))
    const stored = database && (await queryMachineHistory(database, machine, { rowsMax: windows }))
    if (known === undefined && !stored?.length) return undefined
    const alarms = database && (await queryAlarms(database, { machine, rowsMax: alarmsMax }))
    return {
      machineId: machine,
      windows: (stored ?? this.#liveWindows(machine)).map(shown),
      segments: [...(known?.segments(machine) ?? [])],
      alarms: alarms?.map(({ eventTime }) => alarmOf(machine, millis(eventTime))) ?? [...this.#live()],
    }
  }

  #live(): readonly Alarm[] {
    return this.#options.memories.flatMap((memory) => memory.alarms())
  }

  #liveWindows(machine: string): readonly KpiWindow[] {
    return this.#options.live.flatMap((live) => live.windows()).filter((window) => window.machine === machine)
  }

  /** In the background: a database that is slow or down must not hold up the page. */
  async #refresh(): Promise<void> {
    const { database, clock, onFault } = this.#options
    const nowMs = clock.monotonicMs()
    if (database === undefined || this.#refreshing || nowMs - this.#refreshedAtMs < refreshEveryMs) return
    this.#refreshing = true
    try {
      const rows = await queryAlarms(database, { rowsMax: alarmsMax })
      this.#stored = rows.map(({ machine, eventTime }) => alarmOf(machine, millis(eventTime)))
    } catch (error) {
      onFault(error)
    } finally {
      this.#refreshing = false
      this.#refreshedAtMs = clock.monotonicMs()
    }
  }
}

const numberOrNull = (text: string | null): number | null => (text === null ? null : Number(text))
const shownOrNull = (window: KpiWindow | undefined): ShownWindow | null => (window === undefined ? null : shown(window))

function shown(window: KpiWindow): ShownWindow {
  const { values } = window
  const spread = (name: string): ShownWindow['speedRpm'] => {
    const found = window.measures.find(({ measure }) => measure === name)
    return found === undefined ? null : { mean: Number(found.mean), min: Number(found.min), max: Number(found.max) }
  }
  return {
    startMs: millis(window.windowStart),
    endMs: millis(window.windowEnd),
    final: window.final,
    oee: numberOrNull(values.oee),
    availability: numberOrNull(values.availability),
    effectiveness: numberOrNull(values.effectiveness),
    quality: numberOrNull(values.quality),
    qualityAssumed: window.qualityAssumed,
    alarms: window.alarmEdges,
    alarmRatePerHour: numberOrNull(values.alarm_rate_per_hour),
    temperatureCelsius: spread('temperature'),
    speedRpm: spread('speed'),
    produced: Math.round(Number(values.production_count ?? 0)),
    coverage: numberOrNull(values.coverage),
  }
}
