import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type EpochMicros, epochMicros, seededRandom } from '@hawser/std'
import { type MachineOptions, type MachineReading, machine, machineDefaults, machineStates } from './machine.ts'

const start = epochMicros(Date.parse('2025-06-18T10:47:25.054Z') * 1000 + 588)
const stepMicros = 3_000_000

/** A machine's readings over many steps, by formula instead of by waiting. */
function run(steps: number, seed: number, options: MachineOptions = machineDefaults): readonly MachineReading[] {
  const model = machine('MACHINE_001', 'factory/machines/MACHINE_001/telemetry', options)
  const random = seededRandom(seed)
  const readings = [model.initial(random, start)]
  for (let step = 1; step < steps; step++) {
    const before = readings[step - 1] as MachineReading
    readings.push(model.next(before, random, epochMicros(start + step * stepMicros)))
  }
  return readings
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const share = (readings: readonly MachineReading[], of: (reading: MachineReading) => boolean): number =>
  readings.filter(of).length / readings.length

describe('machine', () => {
  const readings = run(400_000, 42)
  const inState = (state: string): readonly MachineReading[] => readings.filter((reading) => reading.state === state)

  it('spends the long run in its states as the chain says', () => {
    const running = share(readings, (reading) => reading.state === 'RUNNING')
    const notMaintained = readings.filter((reading) => reading.state !== 'MAINTENANCE')
    assert.ok(Math.abs(running - 0.732) < 0.01, `RUNNING ${running}`)
    const available = share(notMaintained, (reading) => reading.state === 'RUNNING')
    assert.ok(Math.abs(available - 0.857) < 0.01, `RUNNING of not MAINTENANCE ${available}`)
  })

  it('moves between states with the given chances, and never from IDLE to MAINTENANCE', () => {
    const moves = new Map<string, number>()
    const stays = new Map<string, number>()
    readings.slice(1).forEach((reading, index) => {
      const from = readings[index]?.state ?? ''
      moves.set(`${from} ${reading.state}`, (moves.get(`${from} ${reading.state}`) ?? 0) + 1)
      stays.set(from, (stays.get(from) ?? 0) + 1)
    })
    const chance = (from: string, to: string): number => (moves.get(`${from} ${to}`) ?? 0) / (stays.get(from) ?? 1)
    assert.ok(Math.abs(chance('RUNNING', 'IDLE') - 0.05) < 0.003)
    assert.ok(Math.abs(chance('RUNNING', 'MAINTENANCE') - 0.02) < 0.002)
    assert.ok(Math.abs(chance('IDLE', 'RUNNING') - 0.3) < 0.01)
    assert.ok(Math.abs(chance('MAINTENANCE', 'RUNNING') - 0.1) < 0.01)
    assert.equal(chance('IDLE', 'MAINTENANCE'), 0)
    assert.equal(chance('MAINTENANCE', 'IDLE'), 0)
  })

  it('is warmest when it runs and coolest in maintenance, always within 20 and 80 °C', () => {
    const [running = 0, idle = 0, maintained = 0] = machineStates.map((state) =>
      mean(inState(state).map((reading) => reading.temperature)),
    )
    assert.ok(running > idle + 5 && idle > maintained, `${running} ${idle} ${maintained}`)
    assert.ok(readings.every(({ temperature }) => temperature >= 20 && temperature <= 80))
  })

  it('turns at 800 to 1200 rpm around 1000 when it runs, and stands otherwise', () => {
    const speeds = inState('RUNNING').map((reading) => reading.speed)
    assert.ok(speeds.every((speed) => speed >= 800 && speed <= 1200))
    assert.ok(Math.abs(mean(speeds) - 1000) < 1)
    assert.ok(readings.every(({ state, speed }) => state === 'RUNNING' || speed === 0))
  })

  it('alarms in 2 % of its readings, and at every critical temperature', () => {
    const alarms = share(readings, (reading) => reading.alarm)
    assert.ok(Math.abs(alarms - 0.02) < 0.001, `alarms ${alarms}`)
    const fragile = run(20_000, 7, { ...machineDefaults, alarmProbability: 0, temperatureCritical: 58 })
    assert.ok(fragile.some(({ alarm }) => alarm))
    assert.ok(fragile.every(({ alarm, temperature }) => alarm === temperature >= 58))
  })

  it('claims less efficiency after alarms and in maintenance', () => {
    const claimed = (alarmProbability: number): number =>
      mean(run(20_000, 3, { ...machineDefaults, alarmProbability }).map((reading) => reading.efficiency))
    assert.ok(claimed(0.2) < claimed(0) - 0.1)
    const running = mean(inState('RUNNING').map((reading) => reading.efficiency))
    const maintained = mean(inState('MAINTENANCE').map((reading) => reading.efficiency))
    assert.ok(maintained < running - 0.1, `${maintained} ${running}`)
    assert.ok(readings.every(({ efficiency }) => efficiency >= 0 && efficiency <= 1))
  })

  it('counts production up, at most at the planned speed, and only from running', () => {
    for (const [index, reading] of readings.entries()) {
      const before = readings[index - 1]
      if (before === undefined) continue
      const made = reading.produced - before.produced
      assert.ok(made >= 0 && made <= 1.0001 && (before.state === 'RUNNING') === made > 0)
    }
  })

  it('remembers when its last maintenance ended', () => {
    const end = readings.findIndex(
      ({ state }, index) => state !== 'MAINTENANCE' && readings[index - 1]?.state === 'MAINTENANCE',
    )
    assert.ok(end > 0)
    assert.equal(readings[end]?.lastMaintenance, readings[end]?.at)
    assert.ok((readings[end - 1]?.lastMaintenance ?? (0 as EpochMicros)) < start)
  })
})
