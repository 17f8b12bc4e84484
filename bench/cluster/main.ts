/**
 * Times of a cluster on this machine: `node bench/cluster/main.ts [rounds]`. Three NATS servers and three nodes are
 * started, and clients of another library use them; what it prints is in README.md, with what it does not show.
 */
import { milliseconds, sleep, systemClock } from '@hawser/std'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { HawserProcess } from '../../test/support/hawser-process.ts'
import { clusterHome } from '../../test/workers/start-node.ts'

const roundsByDefault = 20
const takeoverRounds = 200
const liveMessages = 5_000
const now = (): number => systemClock.monotonicMs()

const rounds = Number(process.argv[2] ?? roundsByDefault)
await using home = await clusterHome()
await using stack = new AsyncDisposableStack()
const joins: number[] = []

async function start(ports?: { port: number; webSocketPort: number }): Promise<HawserProcess> {
  const sinceMs = now()
  const node = stack.use(await home.start(ports))
  joins.push(now() - sinceMs)
  return node
}

function connect(port: number, options: IClientOptions = {}): Promise<MqttClient> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options })
  client.on('error', () => undefined)
  return new Promise((resolve) => client.once('connect', () => resolve(client)))
}

const first = await start()
const nodes = [first, await start(), await start()]
const [, second, third] = nodes
if (second === undefined || third === undefined) throw new Error('there are three nodes')

for (const qos of [0, 1] as const) print(`QoS ${qos} from node to node, 1,000/s`, await latencies(qos))
print('clean takeover, CONNECT to CONNACK', await takeovers())
print('SIGKILL of the owning node to the first delivery elsewhere', await kills())
print('a node joins: start of the process to its ready line', joins)

async function latencies(qos: 0 | 1): Promise<number[]> {
  const took: number[] = []
  const subscriber = await connect(first.port)
  await subscriber.subscribeAsync('live', { qos })
  const all = new Promise<void>((resolve) => {
    subscriber.on('message', (_topic, payload) => {
      took.push(now() - Number(`${payload}`))
      if (took.length === liveMessages) resolve()
    })
  })
  const publisher = await connect(second?.port ?? 0)
  for (let sent = 0, sinceMs = now(); sent < liveMessages; ) {
    for (; sent < now() - sinceMs && sent < liveMessages; sent++) publisher.publish('live', `${now()}`, { qos })
    await sleep(systemClock, milliseconds(1))
  }
  await all
  await Promise.all([subscriber.endAsync(true), publisher.endAsync(true)])
  return took
}

async function takeovers(): Promise<number[]> {
  const took: number[] = []
  const durable = { clientId: 'taken', clean: false } as const
  let client = await connect(first.port, durable)
  await client.subscribeAsync('taken', { qos: 1 })
  for (let round = 1; round <= takeoverRounds; round++) {
    const sinceMs = now()
    const next = await connect(nodes[round % nodes.length]?.port ?? 0, durable)
    took.push(now() - sinceMs)
    await client.endAsync(true)
    client = next
  }
  await client.endAsync(true)
  return took
}

async function kills(): Promise<number[]> {
  const took: number[] = []
  const publisher = await connect(third?.port ?? 0)
  for (let round = 0; round < rounds; round++) {
    const [victim, other] = [nodes[0], second]
    if (victim === undefined || other === undefined) break
    const servers = [victim, other].map(({ port }) => ({ host: '127.0.0.1', port }))
    const client = mqtt.connect({ servers, clientId: 'mover', clean: false, reconnectPeriod: 1 })
    client.on('error', () => undefined)
    await new Promise<void>((resolve) => client.once('connect', () => resolve()))
    await client.subscribeAsync('moved', { qos: 1 })
    await publisher.publishAsync('moved', 'before', { qos: 1 })
    const sinceMs = now()
    const delivered = new Promise<void>((resolve) => {
      client.on('message', (_topic, payload) => `${payload}` === `${round}` && resolve())
    })
    const ended = victim.end('SIGKILL')
    const published = publisher.publishAsync('moved', `${round}`, { qos: 1 })
    await delivered
    took.push(now() - sinceMs)
    await Promise.all([ended, published, client.endAsync(true)])
    nodes[0] = await start({ port: victim.port, webSocketPort: victim.webSocketPort })
  }
  await publisher.endAsync(true)
  return took
}

function print(what: string, millis: readonly number[]): void {
  const sorted = [...millis].sort((left, right) => left - right)
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(1)
  process.stdout.write(`${what}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, of ${sorted.length}\n`)
}
