/** What the flags of `hawser bench` fill in, on top of what `pub` and `sub` know of a broker. */
import { availableParallelism } from 'node:os'
import type { Scenario } from '@hawser/verify/bench'
import { type ConnectionSettings, connectionDefaults } from '../pubsub/settings.ts'

export interface BenchSettings extends ConnectionSettings {
  readonly scenario: Scenario
  publishers?: number
  subscribers?: number
  connections?: number
  processes: number
  payloadBytes: number
  rate: number
  warmUpSeconds: number
  seconds: number
  json: boolean
}

/** More only get in each other's way, and in the broker's where it is on the same machine. */
const processesUsualMax = 4

export const benchDefaults = (scenario: Scenario): BenchSettings => ({
  ...connectionDefaults(),
  scenario,
  processes: Math.min(processesUsualMax, availableParallelism()),
  payloadBytes: 64,
  rate: 0,
  warmUpSeconds: 1,
  seconds: 10,
  json: false,
})
