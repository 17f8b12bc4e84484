/**
 * QoS 1 acknowledged by a quorum, side by side: `node bench/cluster/throughput.ts [rounds]`. One node of Hawser on three
 * NATS servers, NATS's own MQTT on three servers with three replicas, and one Mosquitto, which keeps all in memory; each
 * is started anew for each round, in turns, under the same load. Prints medians; README.md says what it does not show.
 */
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { startMosquitto } from '../../packages/simulate/src/testing/mod.ts'
import { freePort } from '../../test/servers/free-port.ts'
import { startNatsCluster } from '../../test/servers/nats.ts'
import { clusterHome } from '../../test/workers/start-node.ts'

const roundsByDefault = 3
const windows = [20, 100]
const load = ['bench', 'pairs', '-q', '1', '--publishers', '50', '--seconds', '5', '--json']

interface Served extends AsyncDisposable {
  readonly port: number
}

const brokers: Readonly<Record<string, () => Promise<Served>>> = {
  'Hawser, 3 NATS servers': async () => {
    const stack = new AsyncDisposableStack()
    const home = stack.use(await clusterHome())
    const { port } = stack.use(await home.start())
    return { port, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  },
  "NATS's own MQTT, 3 replicas": async () => {
    const port = await freePort()
    const settings = (name: string): string =>
      name === 'n0' ? `mqtt { listen: "127.0.0.1:${port}", stream_replicas: 3, consumer_replicas: 3 }` : ''
    const servers = await startNatsCluster({ settings })
    return { port, [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose]() }
  },
  'Mosquitto, in memory': async () => {
    const mosquitto = await startMosquitto(['max_queued_messages 1000000', 'max_inflight_messages 0'])
    return { port: mosquitto.port, [Symbol.asyncDispose]: () => mosquitto[Symbol.asyncDispose]() }
  },
}

const rounds = Number(process.argv[2] ?? roundsByDefault)
for (const window of windows) {
  const rates = new Map(Object.keys(brokers).map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, start] of Object.entries(brokers)) rates.get(name)?.push(await rateOf(start, window))
  }
  process.stdout.write(`QoS 1, 50 pairs, window ${window}, 64 bytes, messages/s delivered\n`)
  for (const [name, all] of rates) process.stdout.write(`  ${name}: ${median(all)} of ${all.join(', ')}\n`)
}

async function rateOf(start: () => Promise<Served>, window: number): Promise<number> {
  await using broker = await start()
  await using bench = startHawser([...load, '-M', String(window), '-p', String(broker.port)])
  const { stdout, stderr } = await bench.ended
  if (stdout === '') throw new Error(`the load gave no report: ${stderr}`)
  const { traffic }: { readonly traffic: { readonly deliveredPerSecond: number } } = JSON.parse(stdout)
  return Math.round(traffic.deliveredPerSecond)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
