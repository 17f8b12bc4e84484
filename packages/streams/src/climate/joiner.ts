/** Joins a temperature and a humidity sensor: each new sample meets the newest of the other, unless that is too old. */
import { type EpochMicros, epochMicros } from '@hawser/std'
import { type ClimateValue, dewPoint, heatIndex } from './climate.ts'

export type ClimateQuantity = 'temperature' | 'humidity'

export interface ClimateSample {
  readonly quantity: ClimateQuantity
  readonly at: EpochMicros
  /** °C or % RH. */
  readonly value: number
}

/** The newest sample of each quantity by its time. */
export interface JoinerState {
  readonly temperature: ClimateSample | null
  readonly humidity: ClimateSample | null
}

export interface DerivedClimate {
  /** Of the later of the two. */
  readonly at: EpochMicros
  readonly temperature: ClimateSample
  readonly humidity: ClimateSample
  readonly heatIndex: ClimateValue
  readonly dewPoint: ClimateValue
}

export const emptyJoiner: JoinerState = { temperature: null, humidity: null }

/** `undefined` where nothing is derived: no partner yet, one that is too old, or a sample older than one before. */
export function joinClimate(
  state: JoinerState,
  sample: ClimateSample,
  ageMicrosMax: number,
): readonly [JoinerState, DerivedClimate | undefined] {
  const before = state[sample.quantity]
  if (before !== null && sample.at < before.at) return [state, undefined]
  const next: JoinerState = { ...state, [sample.quantity]: sample }
  return [next, derive(next, ageMicrosMax)]
}

function derive({ temperature, humidity }: JoinerState, ageMicrosMax: number): DerivedClimate | undefined {
  if (temperature === null || humidity === null) return undefined
  if (Math.abs(temperature.at - humidity.at) > ageMicrosMax) return undefined
  return {
    at: epochMicros(Math.max(temperature.at, humidity.at)),
    temperature,
    humidity,
    heatIndex: heatIndex(temperature.value, humidity.value),
    dewPoint: dewPoint(temperature.value, humidity.value),
  }
}
