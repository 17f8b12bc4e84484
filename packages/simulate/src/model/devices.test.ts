import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { epochMicros, seededRandom } from '@hawser/std'
import { dailyCycle, humidityDefaults, temperatureDefaults } from './daily-cycle.ts'
import { type DeviceModel, startDevice } from './device-model.ts'
import { machine } from './machine.ts'
import { sine } from './sine.ts'
import { naiveUtcTimestamp } from './timestamp.ts'
import { vehicle } from './vehicle.ts'

const start = epochMicros(1_750_243_645_054_588)

function payloads<State>(
  model: DeviceModel<State>,
  count: number,
  intervalSeconds: number,
  seed = 1,
): readonly string[] {
  const device = startDevice(model, seededRandom(seed))
  return Array.from({ length: count }, (_, index) => {
    const reading = device.read(epochMicros(start + index * intervalSeconds * 1_000_000))
    assert.equal(reading.topic, model.topic)
    return reading.payload
  })
}

describe('golden readings of seed 1', () => {
  it('sine', () => {
    assert.deepEqual(payloads(sine('sine1', 'sensoren/sine1'), 3, 1), ['-0.973498', '-0.992070', '-0.999773'])
  })
  it('temperature and humidity', () => {
    assert.deepEqual(payloads(dailyCycle('temperature', 'sensoren/temperature', temperatureDefaults), 3, 5), [
      '27.34',
      '27.30',
      '27.26',
    ])
    assert.deepEqual(payloads(dailyCycle('humidity', 'sensoren/humidity', humidityDefaults), 3, 5), [
      '50.12',
      '49.97',
      '49.85',
    ])
  })
  it('machine', () => {
    assert.deepEqual(payloads(machine('MACHINE_001', 'factory/machines/MACHINE_001/telemetry'), 2, 3), [
      '{"timestamp":"2025-06-18T10:47:25.054588","machine_id":"MACHINE_001","temperature":56,"speed":1007.8,"state":"RUNNING","alarm":false,"oee":0.88,"last_maintenance":"2025-05-27T10:47:25.054588","operator_name":"Anna Becker","shift":"MORNING","production_count":0,"location":"Hall A","firmware_version":"2.4.1"}',
      '{"timestamp":"2025-06-18T10:47:28.054588","machine_id":"MACHINE_001","temperature":56.06,"speed":1062.3,"state":"RUNNING","alarm":false,"oee":0.8719,"last_maintenance":"2025-05-27T10:47:25.054588","operator_name":"Anna Becker","shift":"MORNING","production_count":0,"location":"Hall A","firmware_version":"2.4.1"}',
    ])
  })
  it('vehicle', () => {
    assert.deepEqual(payloads(vehicle('raspi-001', 'fms/data'), 3, 2), [
      '{"vehicle_id":"raspi-001","timestamp":1750243645,"speed":0,"rpm":800,"fuel_level":88.53}',
      '{"vehicle_id":"raspi-001","timestamp":1750243647,"speed":1.4,"rpm":888,"fuel_level":88.53}',
      '{"vehicle_id":"raspi-001","timestamp":1750243649,"speed":0,"rpm":838,"fuel_level":88.53}',
    ])
  })
})

describe('devices', () => {
  it('write microseconds of UTC without a zone', () => {
    assert.equal(naiveUtcTimestamp(start), '2025-06-18T10:47:25.054588')
    assert.equal(naiveUtcTimestamp(epochMicros(1_750_243_645_000_007)), '2025-06-18T10:47:25.000007')
  })

  it('differ by seed', () => {
    const model = vehicle('raspi-001', 'fms/data')
    assert.notDeepEqual(payloads(model, 5, 2, 1), payloads(model, 5, 2, 2))
  })

  it('sine goes through its whole range in a period, with six decimals', () => {
    const values = payloads(sine('sine1', 'sensoren/sine1'), 600, 0.1)
    assert.ok(values.every((text) => /^-?[01]\.\d{6}$/.test(text)))
    const numbers = values.map(Number)
    assert.ok(Math.max(...numbers) > 0.999 && Math.min(...numbers) < -0.999)
  })

  it('temperature is highest in the afternoon, humidity at night', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => hour)
    const hourly = <State>(model: DeviceModel<State>): readonly number[] => {
      const device = startDevice(model, seededRandom(5))
      return hours.map((hour) => Number(device.read(epochMicros(Date.UTC(2025, 5, 18, hour) * 1000)).payload))
    }
    const warmest = hourly(dailyCycle('temperature', 't', temperatureDefaults))
    const wettest = hourly(dailyCycle('humidity', 'h', humidityDefaults))
    assert.ok(Math.abs(warmest.indexOf(Math.max(...warmest)) - 15) <= 2)
    assert.ok(Math.abs(wettest.indexOf(Math.max(...wettest)) - 3) <= 2)
  })

  it('vehicle tells whole Unix seconds, keeps within its bounds and refuels', () => {
    const readings = payloads(vehicle('raspi-001', 'fms/data'), 20_000, 10).map((text) => JSON.parse(text))
    assert.equal(readings[0].timestamp, 1_750_243_645)
    assert.deepEqual(Object.keys(readings[0]), ['vehicle_id', 'timestamp', 'speed', 'rpm', 'fuel_level'])
    assert.ok(
      readings.every(({ speed, rpm, fuel_level }) => speed >= 0 && speed <= 130 && rpm >= 800 && fuel_level > 0),
    )
    assert.ok(readings.some(({ fuel_level }, index) => fuel_level > (readings[index - 1]?.fuel_level ?? 100) + 50))
  })
})
