/** The rows about the broker's process: how fast it is there, and what it takes without traffic. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrokerName } from '../brokers/broker-kind.ts'
import { startBroker, temporaryFolder } from '../brokers/running-broker.ts'
import { generate, prefix, targetOf } from '../load/generator.ts'
import { residentBytes } from '../machine/processes.ts'
import { atMost, type Row } from './row.ts'
import { usual } from './traffic-row.ts'

const everybody: readonly BrokerName[] = ['hawser-disk', 'hawser-memory', 'mosquitto', 'aedes', 'nats']
/** Until what the start left behind has been collected, as far as it is. */
const idleMs = 3000

const start: Row = {
  name: 'start',
  what: 'start of the process to its first CONNACK, empty data folder, files in the page cache',
  unit: 'ms',
  brokers: everybody,
  goals: { 'hawser-disk': { promised: atMost(1500) } },
  isWritten: false,
  async measure(name, _settings, options) {
    using folder = temporaryFolder()
    await using broker = await startBroker(name, { folder: folder.path, ...options })
    return { value: broker.startMs }
  },
}

const idleMemory: Row = {
  name: 'idle-memory',
  what: 'resident memory 3 s after the start, no connection',
  unit: 'MB',
  brokers: everybody,
  goals: { 'hawser-disk': { promised: atMost(90) } },
  isWritten: false,
  async measure(name, _settings, options) {
    using folder = temporaryFolder()
    await using broker = await startBroker(name, { folder: folder.path, ...options })
    await sleep(idleMs)
    return { value: residentBytes(broker.pid) / 1e6 }
  },
}

const restart: Row = {
  name: 'restart',
  what: 'start after SIGKILL with a log of QoS 1 messages in the data folder, to the first CONNACK',
  unit: 'ms',
  brokers: ['hawser-disk'],
  goals: { 'hawser-disk': { promised: atMost(3000) } },
  isWritten: false,
  async measure(name, { restartLogBytes }, options) {
    using folder = temporaryFolder()
    const bytes = await fillAndKill(name, folder.path, restartLogBytes)
    await using broker = await startBroker(name, { folder: folder.path, ...options })
    const megabytes = Math.round(residentBytes(broker.pid) / 1e6)
    return { value: broker.startMs, note: `log of ${(bytes / 1e9).toFixed(2)} GB, then ${megabytes} MB resident` }
  },
}

/** Publishes without subscribers until the log is large enough; answers its bytes. */
async function fillAndKill(name: BrokerName, folder: string, bytesMin: number): Promise<number> {
  await using broker = await startBroker(name, { folder })
  const log = join(folder, 'data', 'log')
  const amount = { subscribers: 0, payloadBytes: 256, window: 200, warmUpSeconds: 0, seconds: 1 }
  const target = targetOf(broker)
  while (folderBytes(log) < bytesMin) {
    await generate(broker, { kind: 'traffic', ...usual, ...amount, shape: 'pairs', qos: 1, target, prefix })
  }
  await broker.end('SIGKILL')
  return folderBytes(log)
}

function folderBytes(folder: string): number {
  if (!existsSync(folder)) return 0
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0)
}

export const processRows: readonly Row[] = [start, restart, idleMemory]
