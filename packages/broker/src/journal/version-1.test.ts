/** Rows as data folders of version 1 have them are read: sessions without owner, wills without identity, no count. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StateStore } from '@hawser/engine'
import { createMemoryLog, createMemoryState } from '@hawser/engine/memory'
import { seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { createBroker } from '../broker.ts'
import { RawClient } from '../testing/raw-client.ts'
import { brokerTable, checkpointKey, sessionTable } from './tables.ts'

type Row = Record<string, unknown>

async function rewrite(state: StateStore, table: string, key: string, change: (row: Row) => Row): Promise<void> {
  const row = await state.get(table, key)
  assert.ok(row)
  const before = JSON.parse(String(row.value)) as Row
  const after = change(before)
  assert.notDeepEqual(after, before, 'there is something to take away')
  await state.write([{ table, key, value: Buffer.from(JSON.stringify(after)) }])
}

describe('a data folder of version 1', () => {
  it('gives back its sessions, their wills and how many there are', async () => {
    const clock = new ManualClock()
    const engine = { log: createMemoryLog({ bytesMax: 1 << 20, random: seededRandom(1) }), state: createMemoryState() }
    const start = () =>
      createBroker({
        ...engine,
        clock,
        random: seededRandom(1),
        listeners: [{ protocol: 'mqtt', name: 'tcp', host: '127.0.0.1', port: 0 }],
      })
    const old = { clientId: 'old', clean: false, properties: { sessionExpiryInterval: 600 } }
    const will = {
      topic: 'gone',
      payload: Buffer.from('old'),
      qos: 0,
      retain: false,
      properties: { willDelayInterval: 5 },
    }
    {
      await using broker = await start()
      const client = await RawClient.connect(broker.listeners[0]?.port ?? 0, { ...old, will })
      await client.subscribe('t', { qos: 1 })
      await client.vanish()
      while (broker.stats().sessionsOffline === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await rewrite(engine.state, sessionTable, 'old', ({ owner: _, will, ...row }) => {
      const { identity: _identity, ...rest } = will as Row
      return { ...row, will: rest }
    })
    await rewrite(engine.state, brokerTable, checkpointKey, ({ sessionsOffline: _, ...row }) => row)
    await using broker = await start()
    assert.equal(broker.stats().sessionsOffline, 1)
    using wills = broker.subscribe('gone')
    clock.advance(1_000)
    await broker.publish({ topic: 't', payload: Buffer.from('kept'), qos: 1 })
    for (let second = 0; second < 6; second++) {
      clock.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    for await (const { payload } of wills) {
      assert.equal(String(payload), 'old')
      break
    }
    await using client = await RawClient.connect(broker.listeners[0]?.port ?? 0, old)
    assert.equal(client.connack?.['sessionPresent'], true)
    assert.equal(String((await client.receive('publish'))['payload']), 'kept')
    assert.equal(broker.stats().sessionsOffline, 0)
  })
})
