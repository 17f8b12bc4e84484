/** Rows and records as a process alone wrote them before there could be several: no epoch, no lane, one resting key. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { position } from '@hawser/engine'
import { createMemoryLog, createMemoryState } from '@hawser/engine/memory'
import { type ClientId, type SessionNumber, seededRandom, steadyMicros } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { createBroker } from '../broker.ts'
import { RawClient } from '../testing/raw-client.ts'
import { appendSessionEvent, type SessionEvent } from './session-event.ts'
import { brokerTable, onlineTable, restingTable, sessionTable, startsKey } from './tables.ts'

const client = { clean: false, properties: { sessionExpiryInterval: 600 } }
const subscription = { qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
const restingKey = `00000/${'0'.padStart(17, '0')}/rested`

async function oldFolder(clock: ManualClock) {
  const log = createMemoryLog({ bytesMax: 1 << 20, random: seededRandom(1) })
  const state = createMemoryState()
  const say = (clientId: string, number: number, event: SessionEvent): void => {
    const name = { number: number as SessionNumber, clientIdBytes: Buffer.from(clientId) }
    assert.ok(appendSessionEvent(log, name, event))
  }
  const row = (clientId: string, number: number, rest: object): Buffer =>
    Buffer.from(
      JSON.stringify({
        ...{ version: 1, number, clientId, expirySeconds: 600, online: false, closedAt: clock.wallMicros() },
        subscriptions: [{ filter: 't', ...subscription, since: [[0, 0]] }],
        ...{ cursor: [[0, 0]], inflight: [], done: [], inbound: [], atHorizon: false, applied: -1 },
        ...rest,
      }),
    )
  await state.write([
    { table: sessionTable, key: 'rested', value: row('rested', 1, { restingKey }) },
    { table: restingTable, key: restingKey, value: Buffer.alloc(0) },
    { table: sessionTable, key: 'connected', value: row('connected', 2, { online: true }) },
    { table: onlineTable, key: 'connected', value: Buffer.alloc(0) },
    { table: brokerTable, key: startsKey, value: Buffer.from('1') },
  ])
  say('journaled', 3, { kind: 'opened', expirySeconds: 600, cursor: [] })
  const since = [[0, 0]] as [never, never][]
  say('journaled', 3, { kind: 'subscribed', subscription: { filter: 't', ...subscription, since } })
  const at = steadyMicros(clock.wallMicros())
  say('journaled', 3, { kind: 'closed', at, expirySeconds: 600, will: false, cursor: since, inflight: [] })
  say('gone' as ClientId, 4, { kind: 'opened', expirySeconds: 600, cursor: [] })
  say('gone' as ClientId, 4, { kind: 'ended' })
  await new Promise(setImmediate)
  return { log, state }
}

describe('a data folder of one lane', () => {
  it('opens with all its sessions, and lets the log go once they have what they waited for', async () => {
    const clock = new ManualClock()
    const engine = await oldFolder(clock)
    const listeners = [{ protocol: 'mqtt', name: 'tcp', host: '127.0.0.1', port: 0 }] as const
    const broker = await createBroker({ ...engine, clock, random: seededRandom(1), listeners })
    await using _ = broker
    const port = broker.listeners[0]?.port ?? 0
    assert.equal(broker.floor().get(engine.log.own), position(0))
    await broker.publish({ topic: 't', payload: Buffer.from('kept'), qos: 1 })
    const present = new Map<string, unknown>()
    for (const clientId of ['rested', 'connected', 'journaled', 'gone']) {
      await using back = await RawClient.connect(port, { clientId, ...client })
      present.set(clientId, back.connack?.['sessionPresent'])
      if (clientId === 'gone') continue
      const { payload, messageId } = await back.receive('publish')
      assert.equal(String(payload), 'kept')
      back.send({ cmd: 'puback', messageId })
      await back.untilPong()
    }
    assert.deepEqual(Object.fromEntries(present), { rested: true, connected: true, journaled: true, gone: false })
    for (let second = 0; second < 6; second++) {
      clock.advance(1_000)
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    }
    assert.equal(await engine.state.get(restingTable, restingKey), undefined)
    assert.ok((broker.floor().get(engine.log.own) ?? 0) > 0)
  })
})
