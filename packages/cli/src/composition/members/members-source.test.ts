import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createBroker } from '@hawser/broker'
import type { PeerId } from '@hawser/engine'
import { createMemoryBusHub, createMemoryLog, createMemoryState, type MemoryBusHub } from '@hawser/engine/memory'
import { seededRandom, systemClock } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import mqtt from 'mqtt'
import { defaultConfiguration } from '../../config/configuration.ts'
import { LocalSource } from '../source/hawser-source.ts'
import { MembersSource } from './members-source.ts'

const random = seededRandom(1)
const { signal } = new AbortController()
const query = { search: '', offset: 0, limit: 100 }

/** A broker of its own: only the questions between sources are looked at here. */
async function member(name: string, hub: MemoryBusHub, stack: AsyncDisposableStack, clock = systemClock) {
  const log = stack.use(createMemoryLog({ random }))
  const state = stack.use(createMemoryState())
  const listeners = [{ protocol: 'mqtt', name: 'mqtt', host: '127.0.0.1', port: 0 }] as const
  const broker = stack.use(await createBroker({ log, state, clock: systemClock, random, listeners }))
  const reloaded: string[] = []
  const own = new LocalSource({
    ...{ id: name, configuration: defaultConfiguration, version: '0', broker, clock, random, signal },
    engine: { log, state, path: null, [Symbol.asyncDispose]: async () => undefined },
    connectors: [],
    topics: { page: () => ({ total: 0, matching: 0, items: [] }) },
    machines: { machines: async () => [], alarms: async () => [], history: async () => undefined },
    publishCommand: '',
    parts: () => [],
    stopAll: () => undefined,
    reload: async () => {
      reloaded.push(name)
      return { changed: [], needsRestart: [], faults: [] }
    },
  })
  const bus = stack.use(hub.join(name as PeerId))
  const source = stack.use(new MembersSource(own, bus, clock))
  const connect = async (clientId: string): Promise<mqtt.MqttClient> => {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.listeners[0]?.port}`, { clientId })
    stack.defer(() => client.endAsync(true))
    return client
  }
  return { source, connect, reloaded }
}

describe('sources of several processes', () => {
  it('show what all of them have, summed and each', async () => {
    await using stack = new AsyncDisposableStack()
    const hub = createMemoryBusHub()
    const one = await member('lane-0', hub, stack)
    const other = await member('lane-1', hub, stack)
    await one.connect('b')
    const client = await other.connect('a')
    await other.connect('c')
    await client.publishAsync('t', 'x', { qos: 1 })
    const { broker, log, ledger } = await one.source.snapshot()
    assert.equal(broker.connections.now, 3)
    assert.equal(broker.publishes.received.qos1, 1)
    assert.deepEqual(
      broker.listeners.map(({ connections }) => connections),
      [1, 2],
    )
    assert.equal(ledger.acknowledged, 1)
    assert.equal(log.status.kind, 'open')
    for (const { source } of [one, other]) {
      const views = await source.workers()
      assert.deepEqual(views.map((view) => view.broker.id).sort(), ['lane-0', 'lane-1'])
    }
    const clients = await one.source.clients({ ...query, offset: 1, limit: 1 })
    assert.deepEqual([clients.total, clients.matching], [3, 3])
    assert.deepEqual(
      clients.items.map(({ clientId }) => clientId),
      ['b'],
    )
  })

  it('disconnect a client wherever it is', async () => {
    await using stack = new AsyncDisposableStack()
    const hub = createMemoryBusHub()
    const one = await member('lane-0', hub, stack)
    const other = await member('lane-1', hub, stack)
    const client = await other.connect('a')
    const gone = new Promise<void>((resolve) => client.once('close', () => resolve()))
    assert.equal(await one.source.kick('a'), true)
    await gone
    assert.equal(await one.source.kick('nobody'), false)
  })

  it('reload all of them', async () => {
    await using stack = new AsyncDisposableStack()
    const hub = createMemoryBusHub()
    const one = await member('lane-0', hub, stack)
    const other = await member('lane-1', hub, stack)
    await one.source.reload()
    assert.deepEqual([...one.reloaded, ...other.reloaded], ['lane-0', 'lane-1'])
  })

  it('wait a second for one that does not answer, and go on without it', async () => {
    await using stack = new AsyncDisposableStack()
    const hub = createMemoryBusHub()
    const clock = new ManualClock()
    const one = await member('lane-0', hub, stack, clock)
    stack.use(hub.join('frozen' as PeerId))
    const asked = one.source.workers()
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(1_000)
    assert.equal((await asked).length, 1)
  })
})
