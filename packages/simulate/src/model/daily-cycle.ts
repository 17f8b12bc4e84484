/** Room temperature and humidity: a wave over the UTC day, and a slow wander that forgets itself within a minute. */
import type { EpochMicros, Random } from '@hawser/std'
import { clamp, type DeviceModel } from './device-model.ts'
import { dayFraction, elapsedSeconds } from './timestamp.ts'

export interface DailyCycleOptions {
  readonly mean: number
  readonly amplitude: number
  /** Hour of the UTC day at which the wave is highest. */
  readonly peakHour: number
  readonly noise: number
  readonly min: number
  readonly max: number
}

/** Degrees Celsius: warmest in the afternoon. */
export const temperatureDefaults: DailyCycleOptions = {
  mean: 24,
  amplitude: 6,
  peakHour: 15,
  noise: 0.4,
  min: -40,
  max: 60,
}
/** Percent relative humidity: driest when it is warmest. */
export const humidityDefaults: DailyCycleOptions = {
  mean: 55,
  amplitude: 15,
  peakHour: 3,
  noise: 1.2,
  min: 1,
  max: 100,
}

export interface DailyCycleState {
  readonly at: EpochMicros
  readonly wander: number
  readonly value: number
}

const wanderForgottenSeconds = 60

export function dailyCycle(id: string, topic: string, options: DailyCycleOptions): DeviceModel<DailyCycleState> {
  const stateAt = (now: EpochMicros, wander: number): DailyCycleState => {
    const wave = Math.cos(2 * Math.PI * (dayFraction(now) - options.peakHour / 24))
    return { at: now, wander, value: clamp(options.mean + options.amplitude * wave + wander, options.min, options.max) }
  }
  return {
    id,
    topic,
    initial: (random, now) => stateAt(now, random.gaussian(0, options.noise)),
    next: (state, random: Random, now) => {
      const kept = Math.exp(-elapsedSeconds(state.at, now) / wanderForgottenSeconds)
      // The spread stays `noise` whatever the interval between two readings.
      return stateAt(now, state.wander * kept + random.gaussian(0, options.noise * Math.sqrt(1 - kept * kept)))
    },
    payload: (state) => state.value.toFixed(2),
  }
}
