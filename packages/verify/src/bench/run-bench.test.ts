import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { describe, it } from 'node:test'
import { skipWithoutMosquitto, startMosquitto } from '@hawser/simulate/testing'
import { HawserError } from '@hawser/std'
import { Aedes } from 'aedes'
import { runBench } from './run-bench.ts'
import { type BenchPlan, type Scenario, scenarios, usualClients } from './scenario.ts'

/** A little of everything: what is asked is whether it is counted right, not how fast it is. */
function planFor(scenario: Scenario, port: number, changes: Partial<BenchPlan> = {}): BenchPlan {
  const { publishers, subscribers, connections } = usualClients[scenario]
  return {
    scenario,
    target: { host: '127.0.0.1', port, version: 4 },
    prefix: `load-${scenario}`,
    publishers: Math.min(publishers, 4),
    subscribers: Math.min(subscribers, 4),
    connections: Math.min(connections, 20),
    processes: 2,
    qos: 1,
    payloadBytes: 64,
    window: 20,
    rate: 200,
    isPersistent: false,
    warmUpSeconds: 0,
    seconds: 1,
    ...changes,
  }
}

describe('a load at Mosquitto', { skip: skipWithoutMosquitto }, () => {
  for (const version of [4, 5] as const) {
    it(`finds nothing wrong with it in any scenario, MQTT ${version === 5 ? '5.0' : '3.1.1'}`, async () => {
      await using mosquitto = await startMosquitto()
      for (const scenario of scenarios) {
        const target = { host: '127.0.0.1', port: mosquitto.port, version }
        const report = await runBench(planFor(scenario, mosquitto.port, { target }))
        assert.deepEqual(report.problems, [], scenario)
        const { traffic, connecting } = report
        if (connecting !== undefined) assert.equal(connecting.opened, 20)
        if (traffic === undefined) continue
        const copies = scenario === 'publish' ? 0 : scenario === 'fan-out' ? 4 : 1
        assert.ok(traffic.published > 0, scenario)
        assert.equal(traffic.delivered, traffic.published * copies, scenario)
        assert.ok((traffic.acknowledgementMicros?.p50 ?? 0) > 0, scenario)
      }
    })
  }

  it('goes through QoS 0 and 2, large payloads and persistent sessions', async () => {
    await using mosquitto = await startMosquitto()
    const changes = [{ qos: 0 }, { qos: 2 }, { payloadBytes: 100_000, rate: 20 }, { isPersistent: true }] as const
    for (const change of changes) {
      const report = await runBench(planFor('pairs', mosquitto.port, change))
      assert.deepEqual(report.problems, [], JSON.stringify(change))
      assert.ok((report.traffic?.delivered ?? 0) > 0)
    }
  })

  it('ends early and counts all the same', async () => {
    await using mosquitto = await startMosquitto()
    const stopping = new AbortController()
    const report = await runBench(planFor('pairs', mosquitto.port, { seconds: 600 }), {
      signal: stopping.signal,
      onProgress: () => stopping.abort(),
    })
    assert.deepEqual(report.problems, [])
    assert.ok((report.traffic?.delivered ?? 0) > 0)
  })
})

interface FaultyBroker extends AsyncDisposable {
  readonly port: number
}

/** Of its forwards, each `every`th is lost. */
async function lossyBroker(every: number): Promise<FaultyBroker> {
  let forwarded = 0
  const aedes = await Aedes.createBroker({
    authorizeForward: (_client, packet) => (++forwarded % every === 0 ? null : packet),
  })
  const server = createServer(aedes.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: portOf(server),
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => aedes.close(() => server.close(() => resolve())))
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  return address.port
}

describe('a load at a broker that is at fault', () => {
  it('tells how many messages it loses', async () => {
    await using broker = await lossyBroker(10)
    const { traffic, problems } = await runBench(planFor('pairs', broker.port, { qos: 0 }))
    assert.ok(traffic !== undefined && traffic.published > 20)
    assert.equal(traffic.lost, traffic.published - traffic.delivered)
    assert.equal(traffic.lost, Math.floor(traffic.published / 10))
    assert.deepEqual(problems, [`${traffic.lost} message${traffic.lost === 1 ? '' : 's'} lost`])
  })

  it('is told as such where nobody is there', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const port = portOf(server)
    await new Promise<void>((resolve) => server.close(() => resolve()))
    await assert.rejects(runBench(planFor('pairs', port)), (error: unknown) => {
      return error instanceof HawserError && error.code === 'BROKER_UNREACHABLE'
    })
  })

  it('is told as such where it closes connections while they are held', async () => {
    const server = createServer((socket) => {
      socket.on('data', () => socket.write(Buffer.of(0x20, 2, 0, 0)))
      socket.on('error', () => socket.destroy())
      setTimeout(() => socket.destroy(), 500)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const report = await runBench(planFor('connections', portOf(server), { connections: 4 }))
    assert.deepEqual(report.problems, ['4 connections closed by the broker'])
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })

  it('is told as such where it refuses a client', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      socket.on('data', () => socket.end(Buffer.of(0x20, 2, 0, 5)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await assert.rejects(runBench(planFor('connections', portOf(server))), /CONNACK 0x5/)
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
})
