import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Snapshot } from '@hawser/admin'
import { ManualClock } from '@hawser/std/testing'
import { DemoSource } from '../testing/demo-source.ts'
import { historyPoint, ratesBetween } from './rates.ts'

const counting = (snapshot: Snapshot, received: number): Snapshot => ({
  ...snapshot,
  broker: {
    ...snapshot.broker,
    publishes: { ...snapshot.broker.publishes, received: { qos0: received, qos1: received, qos2: received } },
  },
})

it('counts all kinds of QoS by the time that really passed', async () => {
  const snapshot = await new DemoSource({ clock: new ManualClock() }).snapshot()
  const from = { snapshot: counting(snapshot, 100), atMonotonicMs: 5_000 }
  const rates = ratesBetween(from, { snapshot: counting(snapshot, 200), atMonotonicMs: 7_500 })
  assert.equal(rates.receivedPerSecond, 120)
  assert.equal(rates.sentPerSecond, 0)
})

it('has no negative rate where a process was started again, and none where no time passed', async () => {
  const snapshot = await new DemoSource({ clock: new ManualClock() }).snapshot()
  const from = { snapshot: counting(snapshot, 100), atMonotonicMs: 5_000 }
  assert.equal(ratesBetween(from, { snapshot: counting(snapshot, 3), atMonotonicMs: 6_000 }).receivedPerSecond, 0)
  assert.equal(ratesBetween(from, { snapshot: counting(snapshot, 200), atMonotonicMs: 5_000 }).receivedPerSecond, 0)
})

it('keeps the lag of the connector that lags most, and 0 where there is none', async () => {
  const snapshot = await new DemoSource({ clock: new ManualClock() }).snapshot()
  const rates = ratesBetween({ snapshot, atMonotonicMs: 0 }, { snapshot, atMonotonicMs: 1 })
  const [first, second] = snapshot.connectors
  assert.ok(first && second)
  const connectors = [first, { ...second, lag: { messages: 7, bytes: null, seconds: null, share: 0 } }]
  assert.equal(historyPoint({ ...snapshot, connectors }, rates).lagMessages, 7)
  assert.equal(historyPoint({ ...snapshot, connectors: [] }, rates).lagMessages, 0)
})
