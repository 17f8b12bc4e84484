/**
 * A production machine. Its state is a Markov chain with one step per reading; all else follows from the state:
 * temperature moves towards the state's own, a running machine turns and produces, and the efficiency that the
 * machine claims of itself falls with alarms and maintenance.
 */
import type { EpochMicros, Random } from '@hawser/std'
import { clamp, type DeviceModel } from './device-model.ts'
import { machineTelemetry } from './machine-telemetry.ts'
import { elapsedSeconds } from './timestamp.ts'

export const machineStates = ['RUNNING', 'IDLE', 'MAINTENANCE'] as const
export type MachineState = (typeof machineStates)[number]

export interface MachineOptions {
  readonly temperatureMin: number
  readonly temperatureMax: number
  /** From here on a reading is an alarm by itself. */
  readonly temperatureCritical: number
  readonly speedMin: number
  readonly speedMax: number
  readonly speedOptimal: number
  readonly alarmProbability: number
  readonly revolutionsPerItem: number
}

export const machineDefaults: MachineOptions = {
  temperatureMin: 20,
  temperatureMax: 80,
  temperatureCritical: 78,
  speedMin: 800,
  speedMax: 1200,
  speedOptimal: 1000,
  alarmProbability: 0.02,
  revolutionsPerItem: 60,
}

/** The fastest that a machine makes one item: what OEE's effectiveness is measured against. */
export const plannedRunTimePerItemMicros = (options: MachineOptions = machineDefaults): number =>
  Math.round((options.revolutionsPerItem / options.speedMax) * 60_000_000)

/** Chance of each move per reading; what is left is the chance to stay. */
const transitions: Readonly<Record<MachineState, readonly (readonly [to: MachineState, probability: number])[]>> = {
  RUNNING: [
    ['IDLE', 0.05],
    ['MAINTENANCE', 0.02],
  ],
  IDLE: [['RUNNING', 0.3]],
  MAINTENANCE: [['RUNNING', 0.1]],
}

/** Where temperature settles, as a part of the way from the lowest to the highest. */
const temperatureLevel: Readonly<Record<MachineState, number>> = { RUNNING: 0.6, IDLE: 0.3, MAINTENANCE: 0.12 }
const temperatureStep = 0.25
const temperatureNoise = 1.5
const speedNoise = 50

/** Where the claimed efficiency settles, and what an alarm takes from it at once. */
const efficiencyLevel: Readonly<Record<MachineState, number>> = { RUNNING: 0.88, IDLE: 0.6, MAINTENANCE: 0.25 }
const efficiencyStep = 0.1
const efficiencyNoise = 0.01
const efficiencyAlarmLoss = 0.15

export interface MachineReading {
  readonly at: EpochMicros
  readonly state: MachineState
  readonly temperature: number
  readonly speed: number
  readonly alarm: boolean
  readonly efficiency: number
  /** Items made since the machine was switched on; the fraction is the item in work. */
  readonly produced: number
  readonly lastMaintenance: EpochMicros
}

const microsPerDay = 86_400_000_000

export function machine(
  id: string,
  topic: string,
  options: MachineOptions = machineDefaults,
): DeviceModel<MachineReading> {
  const { temperatureMin, temperatureMax } = options
  const settledTemperature = (state: MachineState): number =>
    temperatureMin + (temperatureMax - temperatureMin) * temperatureLevel[state]
  return {
    id,
    topic,
    initial(random, now) {
      const state = 'RUNNING'
      const daysSinceMaintenance = 1 + random.integer(30)
      return {
        at: now,
        state,
        temperature: settledTemperature(state),
        speed: speedIn(state, random, options),
        alarm: false,
        efficiency: efficiencyLevel[state],
        produced: 0,
        lastMaintenance: (now - daysSinceMaintenance * microsPerDay) as EpochMicros,
      }
    },
    next(before, random, now) {
      const state = nextMachineState(before.state, random)
      const drift = (settledTemperature(state) - before.temperature) * temperatureStep
      const warmed = before.temperature + drift + random.gaussian(0, temperatureNoise)
      const temperature = clamp(warmed, temperatureMin, temperatureMax)
      const speed = speedIn(state, random, options)
      const alarm = random.next() < options.alarmProbability || temperature >= options.temperatureCritical
      return {
        at: now,
        state,
        temperature,
        speed,
        alarm,
        efficiency: nextEfficiency(before.efficiency, state, alarm, random),
        produced: before.produced + itemsMade(before, now, options),
        lastMaintenance: before.state === 'MAINTENANCE' && state !== 'MAINTENANCE' ? now : before.lastMaintenance,
      }
    },
    payload: (reading) => machineTelemetry(id, reading),
  }
}

export function nextMachineState(state: MachineState, random: Random): MachineState {
  let draw = random.next()
  for (const [to, probability] of transitions[state]) {
    if (draw < probability) return to
    draw -= probability
  }
  return state
}

function speedIn(state: MachineState, random: Random, options: MachineOptions): number {
  if (state !== 'RUNNING') return 0
  return clamp(random.gaussian(options.speedOptimal, speedNoise), options.speedMin, options.speedMax)
}

function nextEfficiency(before: number, state: MachineState, alarm: boolean, random: Random): number {
  const recovering = before + (efficiencyLevel[state] - before) * efficiencyStep
  return clamp(recovering + random.gaussian(0, efficiencyNoise) - (alarm ? efficiencyAlarmLoss : 0), 0, 1)
}

/** What the speed of the reading before has made until now. */
const itemsMade = (before: MachineReading, now: EpochMicros, options: MachineOptions): number =>
  ((before.speed / 60) * elapsedSeconds(before.at, now)) / options.revolutionsPerItem
