/** Both directions by one connection, whose session goes on: what goes at QoS 2 must not be taken for a repeat. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryState } from '@hawser/engine/memory'
import { systemClock as clock, milliseconds, seededRandom } from '@hawser/std'
import { skipWithoutMosquitto, startLastingMosquitto } from '../../../../test/servers/mosquitto.ts'
import { startTcpProxy } from '../../../../test/servers/tcp-proxy.ts'
import { committed, contractLog, isCaughtUp, watch, watched } from '../contract/bench-log.ts'
import { openLogEntrance } from '../source/log-entrance.ts'
import { runSource } from '../source/run-source.ts'
import { mqttBridge } from './mod.ts'
import { collect } from './testing/mqtt-under-test.ts'

const count = 2_000

describe('a bridge in both directions', { skip: skipWithoutMosquitto, timeout: 60_000 }, () => {
  for (const version of ['3.1.1', '5.0'] as const) {
    it(`${version}: loses nothing at QoS 2 where the connection breaks again and again, and gets none of it back`, async () => {
      await using server = await startLastingMosquitto()
      await using proxy = await startTcpProxy(server.port)
      await using collector = await collect(server.url)
      await using log = contractLog()
      await using state = createMemoryState()
      using entrance = openLogEntrance(log, clock, 'publisher')
      const { publish } = entrance
      const message = { topic: 't/a', qos: 2, retain: false, properties: {} } as const
      for (let number = 0; number < count; number++) void publish({ ...message, payload: Buffer.from(`${number}`) })
      await committed(log)
      const peer = { url: `mqtt://127.0.0.1:${proxy.port}`, version }
      const bridge = mqttBridge({ name: 'both', direction: 'both', filters: ['t/#'], state, clock, peer })
      const [connector, source] = [bridge.connectors[0], bridge.sources[0]]
      assert.ok(connector && source)
      const { signal } = new AbortController()
      const limits = { backoffMsMin: milliseconds(5), backoffMsMax: milliseconds(20) }
      await using _taken = watched((onChange) =>
        runSource({ log, publish, source, clock, random: seededRandom(1), signal, limits, onChange }),
      )
      await using sent = watch(log, connector, { batchMessagesMax: 200 })
      for (let cut = 1; cut <= 5; cut++) {
        await sent.until(({ written }) => written >= cut * 200)
        await proxy.cut()
        await proxy.mend()
      }
      await sent.until((view) => isCaughtUp(view) && view.written >= count)
      // What asks for the end is of QoS 1, and overtakes.
      const there = async (): Promise<number> => new Set((await collector.arrived()).map(({ payload }) => payload)).size
      while ((await there()) < count);
      assert.equal(log.partitions()[0]?.end, count)
    })
  }
})
