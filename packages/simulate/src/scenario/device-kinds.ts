/** Every kind of simulated device with its contracts: topic, names, pace. A new kind is a model and one entry here. */
import type { Random } from '@hawser/std'
import { dailyCycle, humidityDefaults, temperatureDefaults } from '../model/daily-cycle.ts'
import { type Device, startDevice } from '../model/device-model.ts'
import { type MachineOptions, machine, machineDefaults } from '../model/machine.ts'
import { sine } from '../model/sine.ts'
import { vehicle } from '../model/vehicle.ts'
import type { Qos } from '../runtime/broker-connection.ts'

export const deviceKinds = ['sine', 'temperature', 'humidity', 'machine', 'vehicle'] as const
export type DeviceKind = (typeof deviceKinds)[number]

export interface DeviceKindDefaults {
  /** `{id}` stands for the device's id. */
  readonly topic: string
  readonly intervalSeconds: number
  readonly qos: Qos
  readonly retain: boolean
  /** The name of the first, second, … device. */
  readonly id: (number: number) => string
  readonly count: number
}

const firstUnnumbered = (name: string) => (number: number) => (number === 1 ? name : `${name}${number}`)
const threeDigits = (number: number): string => String(number).padStart(3, '0')
const sensor = { topic: 'sensoren/{id}', qos: 1, retain: false } as const

export const deviceKindDefaults: Readonly<Record<DeviceKind, DeviceKindDefaults>> = {
  sine: { ...sensor, intervalSeconds: 1, id: (number) => `sine${number}`, count: 1 },
  temperature: { ...sensor, intervalSeconds: 5, id: firstUnnumbered('temperature'), count: 1 },
  humidity: { ...sensor, intervalSeconds: 5, id: firstUnnumbered('humidity'), count: 1 },
  machine: {
    topic: 'factory/machines/{id}/telemetry',
    intervalSeconds: 3,
    qos: 1,
    retain: false,
    id: (number) => `MACHINE_${threeDigits(number)}`,
    count: 5,
  },
  vehicle: {
    topic: 'fms/data',
    intervalSeconds: 2,
    qos: 0,
    retain: false,
    id: (number) => `raspi-${threeDigits(number)}`,
    count: 1,
  },
}

/** Device models that can be set beyond their kind's defaults. */
export interface ModelOptions {
  readonly machine?: MachineOptions
}

export function startDeviceOfKind(
  kind: DeviceKind,
  id: string,
  topic: string,
  random: Random,
  options: ModelOptions = {},
): Device {
  switch (kind) {
    case 'sine':
      return startDevice(sine(id, topic), random)
    case 'temperature':
      return startDevice(dailyCycle(id, topic, temperatureDefaults), random)
    case 'humidity':
      return startDevice(dailyCycle(id, topic, humidityDefaults), random)
    case 'machine':
      return startDevice(machine(id, topic, options.machine ?? machineDefaults), random)
    case 'vehicle':
      return startDevice(vehicle(id, topic), random)
    default:
      throw kind satisfies never
  }
}
