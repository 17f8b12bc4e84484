import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import type { RawClient } from '../testing/raw-client.ts'
import { Loads } from './load.ts'

/** Takes retained `$SYS` messages by topic until the barrier. */
async function figuresOf(client: RawClient): Promise<Map<string, string>> {
  await client.subscribe('$SYS/broker/#')
  const packets = await client.untilPong()
  return new Map(packets.map(({ topic, payload }) => [String(topic).replace('$SYS/broker/', ''), String(payload)]))
}

async function ticks(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('$SYS', () => {
  it('says what Mosquitto says, under its names', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock, systemTopicSeconds: 1, version: '9.9.9' })
    const away = await under.connect({ clientId: 'away', clean: false, properties: { sessionExpiryInterval: 60 } })
    await away.disconnect()
    const publisher = await under.connect({ clientId: 'publisher' })
    publisher.publish('a', '12345', { retain: true })
    await publisher.untilPong()
    await ticks(clock, 2)
    const figures = await figuresOf(await under.connect({ clientId: 'watcher' }))
    const expected = {
      version: 'hawser version 9.9.9',
      uptime: '2 seconds',
      'clients/connected': '1',
      'clients/disconnected': '1',
      'clients/total': '2',
      'clients/maximum': '1',
      'clients/expired': '0',
      'publish/messages/received': '1',
      'publish/bytes/received': '5',
      'subscriptions/count': '0',
    }
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, figures.get(name)])), expected)
    for (const name of ['messages/received', 'bytes/sent', 'heap/current', 'load/connections/5min']) {
      assert.ok(Number(figures.get(name)) > 0, name)
    }
  })

  it('counts sessions without connection through a restart and a crash, and once less for one that returns', async () => {
    const first = await brokerUnderTest()
    for (const clientId of ['a', 'b']) {
      const client = await first.connect({ clientId, clean: false, properties: { sessionExpiryInterval: 60 } })
      await client.disconnect()
    }
    assert.equal(first.broker.stats().sessionsOffline, 2)
    const second = await first.restart()
    assert.equal(second.broker.stats().sessionsOffline, 2)
    await second.connect({ clientId: 'a', clean: false, properties: { sessionExpiryInterval: 60 } })
    assert.equal(second.broker.stats().sessionsOffline, 1)
    await using third = await second.crash()
    assert.equal(third.broker.stats().sessionsOffline, 2)
    await third.connect({ clientId: 'b', clean: true })
    assert.equal(third.broker.stats().sessionsOffline, 1)
  })

  it('is silent where its interval is 0', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock, systemTopicSeconds: 0 })
    await ticks(clock, 20)
    assert.equal((await figuresOf(await under.connect())).size, 0)
  })

  it('tells of clients that come and go, and by whose will', async () => {
    await using under = await brokerUnderTest()
    const watcher = await under.connect()
    await watcher.subscribe('$SYS/broker/events/#')
    const tell = async (): Promise<Record<string, unknown>> => {
      const { topic, payload } = await watcher.receive('publish')
      const { at, address, ...event } = JSON.parse(String(payload)) as Record<string, unknown>
      assert.match(String(at), /^\d{4}-\d\d-\d\dT/)
      assert.match(String(address), /^127\.0\.0\.1:\d+$/)
      return { on: String(topic).split('/').at(-1), ...event }
    }
    const who = { clientId: 'odd/+#', username: null, listener: 'tcp', protocol: '5.0' }
    const client = await under.connect({ clientId: 'odd/+#', keepalive: 7 })
    const session = { cleanStart: true, sessionPresent: false, keepAliveSeconds: 7, sessionExpirySeconds: 0 }
    assert.deepEqual(await tell(), { on: 'connected', ...who, ...session })
    await client.disconnect(undefined, 4)
    assert.deepEqual(await tell(), { on: 'disconnected', ...who, by: 'client', reasonCode: 4, connectedSeconds: 0 })
    const gone = await under.connect({ clientId: 'odd/+#' })
    await tell()
    await gone.vanish()
    assert.deepEqual(await tell(), { on: 'disconnected', ...who, by: 'client', reasonCode: null, connectedSeconds: 0 })
    await under.connect({ clientId: 'odd/+#' })
    await tell()
    under.broker.kick('odd/+#')
    assert.deepEqual(await tell(), { on: 'disconnected', ...who, by: 'broker', reasonCode: 0x98, connectedSeconds: 0 })
  })
})

describe('load', () => {
  it('approaches a steady rate as exp(−t/span) says', () => {
    const loads = new Loads()
    type Stats = Parameters<Loads['figures']>[0]
    const at = (seconds: number): Stats =>
      ({
        uptimeSeconds: seconds,
        counters: { sessionsOpened: seconds * 2, publishesSent: [], publishesReceived: [], dropped: {} },
      }) as unknown as Stats
    loads.figures(at(0))
    for (let seconds = 10; seconds < 60; seconds += 10) loads.figures(at(seconds))
    const figures = loads.figures(at(60))
    // 120 a minute, after one minute: 120 · (1 − 1/e).
    assert.equal(figures['load/connections/1min'], (120 * (1 - Math.exp(-1))).toFixed(2))
    assert.equal(figures['load/connections/5min'], (120 * (1 - Math.exp(-0.2))).toFixed(2))
  })
})
