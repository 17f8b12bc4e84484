/** A vehicle that drives, refuels when the tank is low, and tells its time in whole Unix seconds. */
import type { EpochMicros } from '@hawser/std'
import { clamp, type DeviceModel, rounded } from './device-model.ts'
import { elapsedSeconds, unixSeconds } from './timestamp.ts'

const speedKmhMax = 130
const speedKmhPerStep = 6
const idleRpm = 800
const rpmPerKmh = 30
const fuelPercentPerKm = 0.15
const fuelPercentRefuel = 5

export interface VehicleReading {
  readonly at: EpochMicros
  readonly speedKmh: number
  readonly rpm: number
  readonly fuelPercent: number
}

export function vehicle(id: string, topic: string): DeviceModel<VehicleReading> {
  return {
    id,
    topic,
    initial: (random, now) => ({
      at: now,
      speedKmh: 0,
      rpm: idleRpm,
      fuelPercent: 60 + 40 * random.next(),
    }),
    next(before, random, now) {
      const speedKmh = clamp(before.speedKmh + random.gaussian(0.5, speedKmhPerStep), 0, speedKmhMax)
      const drivenKm = (before.speedKmh * elapsedSeconds(before.at, now)) / 3600
      const fuelPercent = before.fuelPercent - drivenKm * fuelPercentPerKm
      return {
        at: now,
        speedKmh,
        rpm: Math.max(idleRpm, idleRpm + speedKmh * rpmPerKmh + random.gaussian(0, 40)),
        fuelPercent: fuelPercent < fuelPercentRefuel ? 100 : fuelPercent,
      }
    },
    payload: (reading) =>
      JSON.stringify({
        vehicle_id: id,
        timestamp: unixSeconds(reading.at),
        speed: rounded(reading.speedKmh, 1),
        rpm: Math.round(reading.rpm),
        fuel_level: rounded(reading.fuelPercent, 2),
      }),
  }
}
