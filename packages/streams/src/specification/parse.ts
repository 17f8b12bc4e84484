/** What a user wrote → `SpecificationData` with every default filled in, and a list of faults. */
import { climateDecimals } from '../climate/climate.ts'
import { compareDecimals, parseDecimal, roundToScale } from '../decimal/decimal.ts'
import { minutesOfDay } from '../time/calendar.ts'
import { Fields } from './fields.ts'
import {
  type Calendar,
  type CounterField,
  climateFormulas,
  type KeySource,
  type MachineDefinition,
  type MeasureField,
  type SpecificationData,
  type StateClass,
  stateClasses,
  timeFormats,
  type Windowing,
} from './types.ts'

const secondMicros = 1_000_000
const dayMicros = 86_400 * secondMicros
const yearMicros = 366 * dayMicros

/** A measure's scaled range: 2²³ samples at its edge still fit 64 bits. */
const scaledMagnitudeMax = 2n ** 40n
const scaleMax = 12
/** One reading touches no more windows than these. */
const gapWindowsMax = 1440
const retainedDefault = 512
const retainedLimit = 100_000
const plannedRunTimeMicrosMax = 100 * dayMicros
const stepLimit = 2 ** 40

const namePattern = /^[a-z][a-z0-9_]{0,47}$/
const nameRule = 'must be 1 to 48 of a–z, 0–9 and _, starting with a letter'
const clockPattern = /^(?:[01]\d|2[0-3]):[0-5]\d$/

export function parseSpecification(value: unknown, faults: string[]): SpecificationData {
  const fields = new Fields(value, '', faults)
  const data: SpecificationData = {
    name: fields.text('name', undefined, namePattern, nameRule),
    version: fields.integer('version', 1, 2 ** 31 - 1),
    filter: fields.text('filter'),
    key: keySource(fields.object('key')),
    ...(fields.has('expand') ? { expand: fields.text('expand', undefined, /^.{0,256}$/s) } : {}),
    machine: machineDefinition(fields.object('machine')),
    machines: machineOverrides(fields, value),
  }
  fields.end()
  return data
}

/** Each machine is the common definition with the fields replaced that it names. */
function machineOverrides(fields: Fields, value: unknown): SpecificationData['machines'] {
  const common = (value as { readonly machine?: object } | null)?.machine
  return Object.fromEntries(
    fields.entries('machines').map(([key, override]) => {
      const isObject = typeof override === 'object' && override !== null && !Array.isArray(override)
      const merged = isObject ? { ...common, ...override } : override
      return [key, machineDefinition(new Fields(merged, fields.at(`machines.${key}`), fields.faults))]
    }),
  )
}

function keySource(fields: Fields): KeySource {
  const kind = fields.choice('kind', ['path', 'topic-level', 'constant'])
  const key = ((): KeySource => {
    switch (kind) {
      case 'path':
        return { kind, path: fields.text('path') }
      case 'topic-level':
        return { kind, level: fields.integer('level', 0, 127) }
      case 'constant':
        return { kind, value: fields.text('value') }
      default:
        throw kind satisfies never
    }
  })()
  fields.end()
  return key
}

function machineDefinition(fields: Fields): MachineDefinition {
  const calendar = fields.has('calendar') ? parseCalendar(fields.object('calendar')) : undefined
  const definition: MachineDefinition = {
    zone: fields.text('zone', 'UTC'),
    time: parseTimeField(fields.object('time')),
    ...(fields.has('state') ? { state: parseState(fields.object('state')) } : {}),
    ...(fields.has('alarm') ? { alarm: parseAlarm(fields.object('alarm')) } : {}),
    ...(calendar === undefined ? {} : { calendar }),
    counters: unique(fields, 'counters', fields.objects('counters').map(parseCounter)),
    measures: unique(fields, 'measures', fields.objects('measures').map(parseMeasure)),
    gapMicros: fields.integer('gapMicros', 1, yearMicros),
    latenessMicros: parseLateness(fields),
    window: parseWindow(fields.object('window')),
    retainedMax: fields.integer('retainedMax', 1, retainedLimit, retainedDefault),
  }
  if (definition.window.kind === 'tumbling' && definition.gapMicros > definition.window.micros * gapWindowsMax) {
    fields.fault('gapMicros', `must not exceed ${gapWindowsMax} windows`)
  }
  if (definition.window.kind === 'shift' && calendar === undefined)
    fields.fault('window', 'of kind shift needs a calendar')
  fields.end()
  return definition
}

function parseLateness(fields: Fields): number | 'none' {
  return fields.raw('latenessMicros') === 'none' ? 'none' : fields.integer('latenessMicros', 0, yearMicros)
}

function parseTimeField(fields: Fields): MachineDefinition['time'] {
  const time = {
    path: fields.text('path'),
    format: fields.choice('format', timeFormats, 'iso8601'),
    coerce: fields.boolean('coerce', false),
  }
  fields.end()
  return time
}

function parseAlarm(fields: Fields): { readonly path: string } {
  const alarm = { path: fields.text('path') }
  fields.end()
  return alarm
}

function parseState(fields: Fields): NonNullable<MachineDefinition['state']> {
  const path = fields.text('path')
  const classes: [string, StateClass][] = fields.entries('classes').map(([state, value]) => {
    const found = stateClasses.find((stateClass) => stateClass === value)
    if (found === undefined) fields.fault(`classes.${state}`, `must be one of ${stateClasses.join(', ')}`)
    return [state, found ?? 'down']
  })
  fields.end()
  return { path, classes: Object.fromEntries(classes) }
}

function parseCounter(fields: Fields): CounterField {
  const counter = {
    name: fields.text('name', undefined, namePattern, nameRule),
    path: fields.text('path'),
    coerce: fields.boolean('coerce', false),
    plannedRunTimePerItemMicros: fields.integer('plannedRunTimePerItemMicros', 1, plannedRunTimeMicrosMax),
    stepMax: fields.integer('stepMax', 1, stepLimit),
    ...(fields.has('scrapPath') ? { scrapPath: fields.text('scrapPath') } : {}),
  }
  fields.end()
  return counter
}

function parseMeasure(fields: Fields): MeasureField {
  const measure = {
    name: fields.text('name', undefined, namePattern, nameRule),
    path: fields.text('path'),
    coerce: fields.boolean('coerce', false),
    unit: fields.text('unit'),
    scale: fields.integer('scale', 0, scaleMax),
    min: fields.text('min'),
    max: fields.text('max'),
    ...(fields.has('derive') ? { derive: parseDerivation(fields.object('derive')) } : {}),
  }
  if (measure.derive !== undefined && measure.scale > climateDecimals) {
    fields.fault('scale', `of a ${measure.derive.formula} is at most ${climateDecimals}: no more digits are promised`)
  }
  const min = boundary(fields, 'min', measure.min, measure.scale)
  const max = boundary(fields, 'max', measure.max, measure.scale)
  if (min !== undefined && max !== undefined && compareDecimals(min, max) > 0)
    fields.fault('min', 'must not exceed max')
  fields.end()
  return measure
}

function parseDerivation(fields: Fields): NonNullable<MeasureField['derive']> {
  const derive = {
    formula: fields.choice('formula', climateFormulas),
    humidityPath: fields.text('humidityPath'),
  }
  fields.end()
  return derive
}

function boundary(fields: Fields, name: 'min' | 'max', text: string, scale: number): ReturnType<typeof parseDecimal> {
  const decimal = parseDecimal(text)
  if (decimal === undefined) {
    fields.fault(name, 'must be a decimal number, as text')
    return undefined
  }
  const scaled = roundToScale(decimal, scale)
  if (scaled > scaledMagnitudeMax || scaled < -scaledMagnitudeMax) {
    fields.fault(name, `is too large for scale ${scale}: sums would not fit 64 bits; take a smaller scale or range`)
  }
  return decimal
}

function parseWindow(fields: Fields): Windowing {
  const kind = fields.choice('kind', ['tumbling', 'shift'], 'tumbling')
  const window: Windowing =
    kind === 'shift' ? { kind } : { kind, micros: fields.integer('micros', secondMicros, yearMicros) }
  fields.end()
  return window
}

function parseCalendar(fields: Fields): Calendar {
  const shifts = fields.objects('shifts').map((shift) => {
    const parsed = {
      name: shift.text('name'),
      days: shift.list('days').map(Number),
      from: shift.text('from', undefined, clockPattern, 'must be HH:MM'),
      to: shift.text('to', undefined, clockPattern, 'must be HH:MM'),
    }
    const daysAreValid = parsed.days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7)
    if (parsed.days.length === 0 || !daysAreValid) shift.fault('days', 'must list days from 1 (Monday) to 7 (Sunday)')
    shift.end()
    return parsed
  })
  if (shifts.length === 0) fields.fault('shifts', 'must list at least one shift')
  if (overlapping(shifts)) fields.fault('shifts', 'must not overlap')
  fields.end()
  return { shifts }
}

/** Compared over a week whose end meets its beginning. */
function overlapping(shifts: Calendar['shifts']): boolean {
  const weekMinutes = 7 * 1440
  const spans = shifts.flatMap(({ days, from, to }) =>
    days.map((day) => {
      const start = (day - 1) * 1440 + minutesOfDay(from)
      const length = (minutesOfDay(to) - minutesOfDay(from) + 1440) % 1440 || 1440
      return { start, end: start + length }
    }),
  )
  spans.sort((a, b) => a.start - b.start)
  return spans.some((span, index) => {
    const next = spans[index + 1]
    const nextStart = next?.start ?? (spans[0]?.start ?? 0) + weekMinutes
    return span.end > nextStart
  })
}

function unique<Named extends { readonly name: string }>(
  fields: Fields,
  name: string,
  list: readonly Named[],
): readonly Named[] {
  const names = new Set(list.map((item) => item.name))
  if (names.size < list.length) fields.fault(name, 'must have names of their own')
  return list
}
