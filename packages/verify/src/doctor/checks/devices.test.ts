import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findingsOf, linesOf, type World } from '../testing/check-context.ts'
import { FakeBroker } from '../testing/fake-broker.ts'
import { FakeConsole } from '../testing/fake-console.ts'
import { devicesCheck } from './devices.ts'

const machine = (number: number): string => `factory/machines/MACHINE_00${number}/telemetry`
const allTopics = [
  ...['sine1', 'sine2', 'sine3', 'temperature', 'humidity'].map((id) => `sensoren/${id}`),
  ...[1, 2, 3, 4, 5].map(machine),
]

/** What is known to the console, and what is heard on the wire. */
function worldOf(known: readonly string[], heard: readonly string[], more: World = {}, retain = false): World {
  const console = new FakeConsole()
  console.topicNames = [...known]
  const broker = new FakeBroker()
  broker.traffic = heard.map((topic) => ({ topic, payload: '0.5', retain }))
  return { console, broker, ...more }
}

const linesIn = async (world: World): Promise<readonly string[]> => linesOf(await findingsOf(devicesCheck, world))

describe('devices check', () => {
  it('passes when each known device is heard, by kind', async () => {
    const world = worldOf(allTopics, [...allTopics, 'sensoren/sine1'])
    assert.deepEqual(await linesIn(world), [
      'device:machine passed: 5 messages on 5 topics within 0.0 s',
      'device:sine passed: 4 messages on 3 topics within 0.0 s',
      'device:temperature passed: 1 message on sensoren/temperature within 0.0 s',
      'device:humidity passed: 1 message on sensoren/humidity within 0.0 s',
    ])
    assert.equal(world.broker?.open, 0)
  })

  it('names a device that has fallen silent', async () => {
    const heard = allTopics.filter((topic) => topic !== 'sensoren/sine2' && topic !== machine(4))
    const failures = (await linesIn(worldOf(allTopics, heard))).filter((line) => line.includes('failed'))
    assert.deepEqual(failures, [
      `device:machine failed: silent within 5.0 s: ${machine(4)}`,
      'device:sine failed: silent within 5.0 s: sensoren/sine2',
    ])
  })

  it('takes a retained value for no sign of life', async () => {
    const lines = await linesIn(worldOf(allTopics, allTopics, {}, true))
    assert.ok(lines.every((line) => line.includes('failed: silent')))
  })

  it('fails when nothing of a kind is known or heard', async () => {
    const heard = allTopics.filter((topic) => topic !== 'sensoren/humidity')
    assert.equal(
      (await linesIn(worldOf([], heard))).at(-1),
      'device:humidity failed: no humidity was heard within 5.0 s',
    )
  })

  it('holds the devices to the scale that it is told', async () => {
    const scale = { sine: 2, machine: 0, temperature: 0, humidity: 0 }
    assert.deepEqual(await linesIn(worldOf([], ['sensoren/sine1'], { scale })), [
      'device:sine failed: silent within 5.0 s: sensoren/sine2',
    ])
  })

  it('expects nothing of topics that are no device of a scenario', async () => {
    const foreign = ['sensoren/heat_index', 'sensoren/kitchen', 'sensoren/sine01', 'sensoren/deep/sine1']
    const lines = await linesIn(worldOf([...allTopics, ...foreign], allTopics))
    assert.ok(lines.every((line) => line.includes('passed')))
  })

  it('knows devices that share a topic', async () => {
    const world = worldOf(['fms/data', 'fms/database'], ['fms/data', 'fms/data'], { scenarios: ['fleet'] })
    assert.deepEqual(await linesIn(world), ['device:vehicle passed: 2 messages on fms/data within 0.0 s'])
    assert.deepEqual(await linesIn(worldOf([], [], { scenarios: ['fleet'] })), [
      'device:vehicle failed: no vehicle was heard within 5.0 s',
    ])
  })

  it('skips where nothing is simulated', async () => {
    assert.deepEqual(await linesIn({ scenarios: [] }), ['devices skipped: no scenario runs here'])
  })
})
