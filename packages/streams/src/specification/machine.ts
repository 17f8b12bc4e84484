/** A machine's definition made ready for use: paths parsed, ranges scaled, zone and calendar opened. */
import { type Decimal, parseDecimal } from '../decimal/decimal.ts'
import { type JsonPath, parsePath } from '../json/path.ts'
import { alwaysWorking, type WorkingTime, workingTime } from '../time/calendar.ts'
import { shiftWindows, tumblingWindows, type Windows } from '../time/windows.ts'
import { openZone, type Zone } from '../time/zone.ts'
import type { ClimateFormula, CounterField, MachineDefinition, MeasureField, StateClass } from './types.ts'

export interface CounterReader {
  readonly field: CounterField
  readonly path: JsonPath
  readonly scrapPath: JsonPath | undefined
}

export interface MeasureReader {
  readonly field: MeasureField
  readonly path: JsonPath
  readonly min: Decimal
  readonly max: Decimal
  readonly derive: { readonly formula: ClimateFormula; readonly humidityPath: JsonPath } | undefined
}

export interface Machine {
  readonly definition: MachineDefinition
  readonly zone: Zone
  readonly timePath: JsonPath
  readonly state: { readonly path: JsonPath; readonly classes: ReadonlyMap<string, StateClass> } | undefined
  readonly alarmPath: JsonPath | undefined
  readonly counters: readonly CounterReader[]
  readonly measures: readonly MeasureReader[]
  /** Every counter has a scrap path: quality is measured, not assumed. */
  readonly scrapMeasured: boolean
  readonly windows: Windows
  readonly working: Pick<WorkingTime, 'overlapMicros' | 'contains'>
}

/** Takes a definition that was checked. Throws `CONFIG_INVALID` for an unknown zone. */
export function openMachine(definition: MachineDefinition): Machine {
  const { state, alarm, calendar, counters, measures, window } = definition
  const zone = openZone(definition.zone)
  const working = calendar === undefined ? undefined : workingTime(calendar.shifts, zone)
  return {
    definition,
    zone,
    timePath: parsePath(definition.time.path),
    state: state && { path: parsePath(state.path), classes: new Map(Object.entries(state.classes)) },
    alarmPath: alarm && parsePath(alarm.path),
    counters: counters.map((field) => ({
      field,
      path: parsePath(field.path),
      scrapPath: field.scrapPath === undefined ? undefined : parsePath(field.scrapPath),
    })),
    measures: measures.map((field) => ({
      field,
      path: parsePath(field.path),
      min: checkedDecimal(field.min),
      max: checkedDecimal(field.max),
      derive: field.derive && {
        formula: field.derive.formula,
        humidityPath: parsePath(field.derive.humidityPath),
      },
    })),
    scrapMeasured: counters.every(({ scrapPath }) => scrapPath !== undefined),
    windows: windowsOf(window, working),
    working: working ?? alwaysWorking,
  }
}

function windowsOf(window: MachineDefinition['window'], working: WorkingTime | undefined): Windows {
  if (window.kind === 'tumbling') return tumblingWindows(window.micros)
  if (working === undefined) throw new RangeError('shift windows without a calendar')
  return shiftWindows(working)
}

function checkedDecimal(text: string): Decimal {
  const decimal = parseDecimal(text)
  if (decimal === undefined) throw new RangeError(`not a decimal: ${text}`)
  return decimal
}
