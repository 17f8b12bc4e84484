/**
 * What machines said last, read off the live messages: state, temperature, alarm. Only for the eye: at most some
 * readings a second of each topic are looked at, and what counts is computed from the log.
 */
import type { Alarm, StateCategory, StateSegment } from '@hawser/admin'
import type { Tap, TapMessage } from '@hawser/broker'
import type { Clock, EpochMicros } from '@hawser/std'
import { type Reading, readTelemetry, type Specification } from '@hawser/streams'

const lookEveryMs = 200
const machinesMax = 1_000
const topicsMax = 2_000
const segmentsMax = 200
const alarmsMax = 50

export interface MachineNow {
  readonly id: string
  readonly state: string
  readonly category: StateCategory
  readonly lastSeenAtMs: number
  readonly temperatureCelsius: number | null
  readonly speedRpm: number | null
  readonly alarm: boolean
}

export class MachineMemory implements Tap {
  readonly filter: string
  readonly #specification: Specification
  readonly #clock: Clock
  readonly #lookedAtMs = new Map<string, number>()
  readonly #machines = new Map<string, { now: MachineNow; segments: StateSegment[] }>()
  #alarms: readonly Alarm[] = []

  constructor(specification: Specification, clock: Clock) {
    this.filter = specification.filter
    this.#specification = specification
    this.#clock = clock
  }

  message(topic: string, { buffer, payloadStart, payloadEnd }: TapMessage): void {
    const nowMs = this.#clock.monotonicMs()
    const lookedAtMs = this.#lookedAtMs.get(topic)
    if (lookedAtMs === undefined && this.#lookedAtMs.size >= topicsMax) return
    if (lookedAtMs !== undefined && nowMs - lookedAtMs < lookEveryMs) return
    this.#lookedAtMs.set(topic, nowMs)
    this.#look(topic, buffer.subarray(payloadStart, payloadEnd))
  }

  machines(): readonly MachineNow[] {
    return [...this.#machines.values()].map(({ now }) => now)
  }

  segments(machine: string): readonly StateSegment[] {
    return this.#machines.get(machine)?.segments ?? []
  }

  /** Newest first. */
  alarms(): readonly Alarm[] {
    return this.#alarms
  }

  #look(topic: string, payload: Buffer): void {
    const source = { logId: 'live', partition: 0, position: 0, appendTime: this.#clock.wallMicros(), topic }
    for (const outcome of readTelemetry(this.#specification, source, payload)) {
      if (outcome.kind === 'admitted') this.#take(outcome.key, outcome.reading, payload)
    }
  }

  #take(id: string, reading: Reading, payload: Buffer): void {
    const known = this.#machines.get(id)
    if (known === undefined && this.#machines.size >= machinesMax) return
    const now = this.#nowOf(id, reading, payload)
    const { segments } = known ?? { segments: [] }
    extendSegments(segments, now)
    if (now.alarm && known?.now.alarm !== true) this.#alarmed(id, now.lastSeenAtMs)
    this.#machines.set(id, { now, segments })
  }

  #alarmed(machineId: string, atMs: number): void {
    this.#alarms = [alarmOf(machineId, atMs), ...this.#alarms].slice(0, alarmsMax)
  }

  #nowOf(id: string, reading: Reading, payload: Buffer): MachineNow {
    const { definition } = this.#specification.machine(id)
    const measure = (name: string): number | null => {
      const index = definition.measures.findIndex((field) => field.name === name)
      const units = reading.measures[index]
      return units === undefined || units === null ? null : units / 10 ** (definition.measures[index]?.scale ?? 0)
    }
    return {
      id,
      state: stateText(payload, definition.state?.path) ?? 'unknown',
      category: reading.state ?? 'unknown',
      lastSeenAtMs: millis(reading.eventTime),
      temperatureCelsius: measure('temperature'),
      speedRpm: measure('speed'),
      alarm: reading.alarm ?? false,
    }
  }
}

export const alarmOf = (machineId: string, atMs: number): Alarm => ({
  machineId,
  atMs,
  severity: 'warning',
  message: `alarm reported by ${machineId}`,
})

export const millis = (micros: EpochMicros): number => Math.round(micros / 1000)

/** The reading was admitted, so the payload is JSON. */
function stateText(payload: Buffer, path: string | undefined): string | undefined {
  const value = path
    ?.split('.')
    .reduce<unknown>((at, step) => (at as Record<string, unknown> | null)?.[step], JSON.parse(payload.toString()))
  return typeof value === 'string' ? value : undefined
}

function extendSegments(segments: StateSegment[], { state, category, lastSeenAtMs }: MachineNow): void {
  const last = segments.at(-1)
  if (last !== undefined && lastSeenAtMs < last.toMs) return
  if (last !== undefined) segments[segments.length - 1] = { ...last, toMs: lastSeenAtMs }
  if (last?.state === state) return
  segments.push({ state, category, fromMs: lastSeenAtMs, toMs: lastSeenAtMs })
  if (segments.length > segmentsMax) segments.shift()
}
