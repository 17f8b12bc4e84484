import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HawserError } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { factorySpecification } from '@hawser/streams'
import { KpiMachines } from './kpi-machines.ts'
import { MachineMemory } from './machine-memory.ts'

const startMicros = 1_700_000_000_000_000

function telemetry(clock: ManualClock, state: string, alarm: boolean) {
  const timestamp = new Date(clock.wallMicros() / 1000).toISOString()
  const buffer = Buffer.from(
    JSON.stringify({ machine_id: 'M1', timestamp, state, alarm, temperature: 61.5, speed: 990 }),
  )
  return { buffer, payloadStart: 0, payloadEnd: buffer.length, qos: 1, retain: false, record: undefined } as const
}

describe('machine memory', () => {
  it('keeps what a machine says, its states over time and the edges of its alarm', () => {
    const clock = new ManualClock(startMicros)
    const memory = new MachineMemory(factorySpecification, clock)
    const say = (state: string, alarm: boolean): void => {
      memory.message('factory/machines/M1/telemetry', telemetry(clock, state, alarm))
      clock.advance(1_000)
    }
    say('RUNNING', false)
    say('RUNNING', true)
    say('IDLE', true)
    const at = startMicros / 1000
    assert.deepEqual(memory.machines(), [
      {
        id: 'M1',
        state: 'IDLE',
        category: 'down',
        lastSeenAtMs: at + 2_000,
        temperatureCelsius: 61.5,
        speedRpm: 990,
        alarm: true,
      },
    ])
    assert.deepEqual(memory.segments('M1'), [
      { state: 'RUNNING', category: 'producing', fromMs: at, toMs: at + 2_000 },
      { state: 'IDLE', category: 'down', fromMs: at + 2_000, toMs: at + 2_000 },
    ])
    assert.deepEqual(
      memory.alarms().map(({ machineId, atMs }) => [machineId, atMs]),
      [['M1', at + 1_000]],
    )
  })

  it('looks at some readings a second of a topic, not at all', () => {
    const clock = new ManualClock(startMicros)
    const memory = new MachineMemory(factorySpecification, clock)
    memory.message('t', telemetry(clock, 'RUNNING', false))
    clock.advance(100)
    memory.message('t', telemetry(clock, 'IDLE', false))
    assert.equal(memory.machines()[0]?.state, 'RUNNING')
  })

  it('passes over what is no telemetry', () => {
    const clock = new ManualClock(startMicros)
    const memory = new MachineMemory(factorySpecification, clock)
    const buffer = Buffer.from('no JSON')
    memory.message('t', { buffer, payloadStart: 0, payloadEnd: 7, qos: 0, retain: false, record: undefined })
    assert.deepEqual(memory.machines(), [])
  })
})

describe('machines of the console', () => {
  it('go on without their database, and say once a second that it is missing', async () => {
    const clock = new ManualClock(startMicros)
    const memory = new MachineMemory(factorySpecification, clock)
    memory.message('t', telemetry(clock, 'RUNNING', true))
    const faults: unknown[] = []
    const down = async (): Promise<never> => {
      throw new HawserError('SINK_UNAVAILABLE', 'down')
    }
    const database = {
      kind: 'postgres',
      query: down,
      transaction: down,
      readOnly: down,
      [Symbol.asyncDispose]: async () => {},
    } as const
    const onFault = (error: unknown): void => void faults.push(error)
    const machines = new KpiMachines({ live: [], memories: [memory], database, clock, onFault })
    for (let n = 0; n < 3; n++) {
      assert.equal((await machines.alarms()).length, 1)
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(faults.length, 1)
    const [machine] = await machines.machines()
    assert.deepEqual([machine?.id, machine?.current, machine?.lastFinal], ['M1', null, null])
  })
})
