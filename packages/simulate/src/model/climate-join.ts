/**
 * Joins the last temperature with the last humidity into heat index and dew point. The formulas come as a parameter:
 * this package knows no climate.
 */
import type { EpochMicros } from '@hawser/std'
import { elapsedSeconds } from './timestamp.ts'

/**
 * Degrees Celsius and percent relative humidity in; degrees Celsius out, as text with the digits that the formulas
 * promise, or undefined where they have no value.
 */
export interface Climate {
  heatIndexText(temperatureCelsius: number, relativeHumidityPercent: number): string | undefined
  dewPointText(temperatureCelsius: number, relativeHumidityPercent: number): string | undefined
}

export const climateInputs = ['temperature', 'humidity'] as const
export type ClimateInput = (typeof climateInputs)[number]
export const climateOutputs = ['heat_index', 'dew_point'] as const
export type ClimateOutput = (typeof climateOutputs)[number]

/** A sensor that has been silent for longer is not joined: its last value says nothing of now. */
const inputAgeSecondsMax = 300

interface Input {
  readonly value: number
  readonly at: EpochMicros
}

export class ClimateJoin {
  readonly #climate: Climate
  readonly #inputs = new Map<ClimateInput, Input>()

  constructor(climate: Climate) {
    this.#climate = climate
  }

  /** The derived values that a new input makes: none while the other input is missing or too old. */
  add(input: ClimateInput, value: number, now: EpochMicros): readonly (readonly [ClimateOutput, string])[] {
    this.#inputs.set(input, { value, at: now })
    const temperature = this.#fresh('temperature', now)
    const humidity = this.#fresh('humidity', now)
    if (temperature === undefined || humidity === undefined) return []
    const heatIndex = this.#climate.heatIndexText(temperature, humidity)
    const dewPoint = this.#climate.dewPointText(temperature, humidity)
    return [
      ...(heatIndex === undefined ? [] : [['heat_index', heatIndex] as const]),
      ...(dewPoint === undefined ? [] : [['dew_point', dewPoint] as const]),
    ]
  }

  #fresh(input: ClimateInput, now: EpochMicros): number | undefined {
    const last = this.#inputs.get(input)
    return last === undefined || elapsedSeconds(last.at, now) > inputAgeSecondsMax ? undefined : last.value
  }
}
