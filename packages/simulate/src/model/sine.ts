/** A sine wave in [-1, 1] as text with six decimals, such as `0.123456`. */
import type { EpochMicros, Random } from '@hawser/std'
import type { DeviceModel } from './device-model.ts'

export interface SineOptions {
  readonly periodSeconds: number
  readonly amplitude: number
}

export const sineDefaults: SineOptions = { periodSeconds: 60, amplitude: 1 }

export interface SineState {
  /** Where in its period the device was switched on, so that several do not move as one. */
  readonly phase: number
  readonly startedAt: EpochMicros
  readonly value: number
}

export function sine(id: string, topic: string, options: SineOptions = sineDefaults): DeviceModel<SineState> {
  const valueAt = (phase: number, startedAt: EpochMicros, now: EpochMicros): number =>
    options.amplitude * Math.sin(2 * Math.PI * (phase + (now - startedAt) / 1_000_000 / options.periodSeconds))
  return {
    id,
    topic,
    initial(random: Random, now) {
      const phase = random.next()
      return { phase, startedAt: now, value: valueAt(phase, now, now) }
    },
    next: (state, _random, now) => ({ ...state, value: valueAt(state.phase, state.startedAt, now) }),
    payload: (state) => state.value.toFixed(6),
  }
}
