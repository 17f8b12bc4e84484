/** The rows about connections themselves, and about what a new subscriber gets at once. */
import type { BrokerName } from '../brokers/broker-kind.ts'
import { startBroker, temporaryFolder } from '../brokers/running-broker.ts'
import { generate, prefix, targetOf } from '../load/generator.ts'
import type { Load, Outcome } from '../load/job.ts'
import { atLeastTimes, atMost, type Row, type RunOptions } from './row.ts'

const everybody: readonly BrokerName[] = ['hawser-disk', 'hawser-memory', 'mosquitto', 'aedes', 'nats']
/** One source address has some 28,000 ports, and closed connections keep theirs for a minute. */
const localAddresses = Array.from({ length: 8 }, (_, index) => `127.0.0.${index + 2}`)
const manyConnections = 19_500

async function run(
  name: BrokerName,
  options: RunOptions,
  loadOf: (target: ReturnType<typeof targetOf> & { readonly localAddresses: readonly string[] }) => Load,
): Promise<Outcome> {
  using folder = temporaryFolder()
  await using broker = await startBroker(name, { folder: folder.path, ...options })
  return await generate(broker, loadOf({ ...targetOf(broker), localAddresses }))
}

const retained: Row = {
  name: 'retained',
  what: '100,000 retained messages to a new subscriber of #',
  unit: 'messages/s',
  brokers: everybody,
  goals: { 'hawser-disk': { aim: atLeastTimes(3) } },
  isWritten: false,
  async measure(name, _settings, options) {
    const outcome = await run(name, options, (target) => ({
      kind: 'retained',
      target,
      prefix,
      messages: 100_000,
      payloadBytes: 64,
    }))
    return { value: outcome.perSecond, ...outcome }
  },
}

const cycles: Row = {
  name: 'connect-cycles',
  what: 'connect, CONNACK, DISCONNECT, 64 at a time',
  unit: 'cycles/s',
  brokers: everybody,
  goals: { 'hawser-disk': { aim: atLeastTimes(0.6) } },
  isWritten: false,
  async measure(name, { seconds, warmUpSeconds }, options) {
    const outcome = await run(name, options, (target) => ({
      kind: 'cycles',
      target,
      prefix,
      atOnce: 64,
      warmUpSeconds,
      seconds,
    }))
    return { value: outcome.perSecond, ...outcome }
  },
}

/** `connections` undefined: as many as the settings say. */
const idleRow = (name: string, connections: number | undefined): Row => ({
  name,
  what: 'growth of resident memory per idle connection',
  unit: 'bytes',
  brokers: everybody,
  goals: { 'hawser-disk': { aim: atMost(6000) } },
  isWritten: false,
  async measure(broker, settings, options) {
    const held = connections ?? settings.idleConnections
    const { bytesPerConnection = Number.NaN, perSecond } = await run(broker, options, (target) => ({
      kind: 'hold',
      target,
      prefix,
      connections: held,
    }))
    const opened = Math.round(perSecond).toLocaleString('en')
    return { value: bytesPerConnection, note: `${held.toLocaleString('en')} connections, opened at ${opened}/s` }
  },
})

export const connectionRows: readonly Row[] = [
  retained,
  cycles,
  idleRow('idle-connections', undefined),
  idleRow('idle-connections-many', manyConnections),
]
