/**
 * A simulated device as a pure model: time and randomness come in, a state and a payload come out, so that a seed
 * replays it and a test runs a year of it in a loop.
 */
import type { EpochMicros, Random } from '@hawser/std'

export interface DeviceModel<State> {
  readonly id: string
  readonly topic: string
  initial(random: Random, now: EpochMicros): State
  next(state: State, random: Random, now: EpochMicros): State
  /** The message that the device publishes in this state. */
  payload(state: State): string
}

export interface Reading {
  readonly topic: string
  readonly payload: string
}

/** What a running device is to its loop: the state is inside. */
export interface Device {
  readonly id: string
  readonly topic: string
  read(now: EpochMicros): Reading
}

export function startDevice<State>(model: DeviceModel<State>, random: Random): Device {
  let state: State | undefined
  return {
    id: model.id,
    topic: model.topic,
    read(now) {
      state = state === undefined ? model.initial(random, now) : model.next(state, random, now)
      return { topic: model.topic, payload: model.payload(state) }
    },
  }
}

export const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value))

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))
