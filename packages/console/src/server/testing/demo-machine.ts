/** One made-up machine: states, temperatures and KPI windows that move as those of a real one. */
import type { Alarm, KpiWindow, Machine, MachineHistory, StateCategory, StateSegment } from '@hawser/admin'
import type { Random } from '@hawser/std'

export const demoWindowMs = 60_000
const keptMax = 120
const alarmProbability = 0.006

type DemoState = 'RUNNING' | 'IDLE' | 'MAINTENANCE'

const categories: Readonly<Record<DemoState, StateCategory>> = {
  RUNNING: 'producing',
  IDLE: 'down',
  MAINTENANCE: 'planned-down',
}

interface OpenWindow {
  readonly startMs: number
  producing: number
  planned: number
  seconds: number
  alarms: number
  produced: number
  temperatures: number[]
  speeds: number[]
}

export class DemoMachine {
  readonly id: string
  readonly #random: Random
  readonly #windows: KpiWindow[] = []
  readonly #segments: { state: DemoState; category: StateCategory; fromMs: number; toMs: number }[] = []
  readonly #alarms: Alarm[] = []
  #state: DemoState = 'RUNNING'
  #temperature = 58
  #speed = 1000
  #alarm = false
  #open: OpenWindow
  #lastSeenAtMs: number

  constructor(id: string, random: Random, startMs: number) {
    this.id = id
    this.#random = random
    this.#open = openWindow(startMs)
    this.#lastSeenAtMs = startMs
  }

  get alarms(): readonly Alarm[] {
    return this.#alarms
  }

  get machine(): Machine {
    return {
      id: this.id,
      state: this.#state,
      category: categories[this.#state],
      lastSeenAtMs: this.#lastSeenAtMs,
      temperatureCelsius: this.#temperature,
      speedRpm: this.#speed,
      alarm: this.#alarm,
      current: windowOf(this.#open, false),
      lastFinal: this.#windows.at(-1) ?? null,
    }
  }

  history(windows: number): MachineHistory {
    return {
      machineId: this.id,
      windows: [...this.#windows.slice(-windows + 1), windowOf(this.#open, false)],
      segments: this.#segments as StateSegment[],
      alarms: [...this.#alarms].reverse(),
    }
  }

  raiseAlarm(atMs: number): void {
    this.#alarm = true
    this.#open.alarms++
    const message = this.#temperature > 70 ? 'temperature above 70 °C' : 'vibration above limit'
    this.#alarms.push({ machineId: this.id, atMs, severity: 'critical', message })
    if (this.#alarms.length > keptMax) this.#alarms.shift()
  }

  /** One reading, a second after the one before. */
  step(atMs: number): void {
    const random = this.#random
    this.#state = nextState(this.#state, random.next())
    const running = this.#state === 'RUNNING'
    this.#temperature += ((running ? 62 : 34) - this.#temperature) * 0.05 + random.gaussian(0, 0.8)
    this.#speed = running ? Math.round(random.gaussian(1000, 30)) : 0
    this.#alarm = false
    if (running && random.next() < alarmProbability) this.raiseAlarm(atMs)
    this.#lastSeenAtMs = atMs
    this.#extendSegment(atMs)
    this.#count(atMs, running)
  }

  #extendSegment(atMs: number): void {
    const last = this.#segments.at(-1)
    if (last?.state === this.#state) last.toMs = atMs
    else
      this.#segments.push({
        state: this.#state,
        category: categories[this.#state],
        fromMs: last?.toMs ?? atMs - 1000,
        toMs: atMs,
      })
    if (this.#segments.length > keptMax * 4) this.#segments.shift()
  }

  #count(atMs: number, running: boolean): void {
    const startMs = atMs - (atMs % demoWindowMs)
    if (startMs !== this.#open.startMs) {
      this.#windows.push(windowOf(this.#open, true))
      if (this.#windows.length > keptMax) this.#windows.shift()
      this.#open = openWindow(startMs)
    }
    const open = this.#open
    open.seconds++
    if (this.#state !== 'MAINTENANCE') open.planned++
    if (running) {
      open.producing++
      open.produced += this.#random.next() < 0.93 ? 1 : 0
      open.speeds.push(this.#speed)
    }
    open.temperatures.push(this.#temperature)
  }
}

/** Slower than the real simulator's chain, so that a timeline has something to show. */
function nextState(state: DemoState, dice: number): DemoState {
  if (state === 'RUNNING') return dice < 0.015 ? 'IDLE' : dice < 0.02 ? 'MAINTENANCE' : 'RUNNING'
  if (state === 'IDLE') return dice < 0.12 ? 'RUNNING' : 'IDLE'
  return dice < 0.05 ? 'RUNNING' : 'MAINTENANCE'
}

const openWindow = (startMs: number): OpenWindow => ({
  startMs: startMs - (startMs % demoWindowMs),
  producing: 0,
  planned: 0,
  seconds: 0,
  alarms: 0,
  produced: 0,
  temperatures: [],
  speeds: [],
})

function windowOf(open: OpenWindow, final: boolean): KpiWindow {
  const over = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)
  return {
    startMs: open.startMs,
    endMs: open.startMs + demoWindowMs,
    final,
    oee: over(open.produced, open.planned),
    availability: over(open.producing, open.planned),
    effectiveness: over(open.produced, open.producing),
    quality: open.produced === 0 ? null : 1,
    qualityAssumed: true,
    alarms: open.alarms,
    alarmRatePerHour: over(open.alarms * 3600, open.seconds),
    temperatureCelsius: spread(open.temperatures),
    speedRpm: spread(open.speeds),
    produced: open.produced,
    coverage: open.seconds / (demoWindowMs / 1000),
  }
}

function spread(values: readonly number[]): KpiWindow['speedRpm'] {
  if (values.length === 0) return null
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, min: Math.min(...values), max: Math.max(...values) }
}
