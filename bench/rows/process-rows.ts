/** The rows about the broker's process: how fast it is there, and what it takes without traffic. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrokerName } from '../brokers/broker-kind.ts'
import { startBroker, temporaryFolder } from '../brokers/running-broker.ts'
import { generateTraffic, openIdleConnections } from '../load/generator.ts'
import { residentBytes } from '../machine/processes.ts'
import { atMost, type Row } from './row.ts'

const everybody: readonly BrokerName[] = ['hawser-disk', 'hawser-memory', 'mosquitto', 'aedes']
/** Until what the start left behind has been collected, as far as it is. */
const idleMs = 3000

const start: Row = {
  name: 'start',
  what: 'start of the process to its first CONNACK, empty data folder, files in the page cache',
  unit: 'ms',
  brokers: everybody,
  goals: { 'hawser-disk': { promised: atMost(1500) } },
  async measure(name, _settings, { nodeFlags }) {
    using folder = temporaryFolder()
    await using broker = await startBroker(name, { folder: folder.path, nodeFlags })
    return { value: broker.startMs }
  },
}

const idleMemory: Row = {
  name: 'idle-memory',
  what: 'resident memory 3 s after the start, no connection',
  unit: 'MB',
  brokers: everybody,
  goals: { 'hawser-disk': { promised: atMost(90) } },
  async measure(name, _settings, { nodeFlags }) {
    using folder = temporaryFolder()
    await using broker = await startBroker(name, { folder: folder.path, nodeFlags })
    await sleep(idleMs)
    return { value: residentBytes(broker.pid) / 1e6 }
  },
}

const idleConnections: Row = {
  name: 'idle-connections',
  what: 'growth of resident memory per idle connection',
  unit: 'bytes',
  brokers: everybody,
  goals: { 'hawser-disk': { aim: atMost(6000) } },
  async measure(name, { idleConnections: connections }, { nodeFlags }) {
    using folder = temporaryFolder()
    await using broker = await startBroker(name, { folder: folder.path, nodeFlags })
    const { port, pid: brokerPid } = broker
    const idle = await openIdleConnections({ kind: 'idle', port, brokerPid, connections })
    const perSecond = Math.round(idle.connectionsPerSecond).toLocaleString('en')
    return { value: idle.bytesPerConnection, note: `${connections} connections, opened at ${perSecond}/s` }
  },
}

const restart: Row = {
  name: 'restart',
  what: 'start after SIGKILL with a log of QoS 1 messages in the data folder, to the first CONNACK',
  unit: 'ms',
  brokers: ['hawser-disk'],
  goals: { 'hawser-disk': { promised: atMost(3000) } },
  async measure(name, { restartLogBytes }, { nodeFlags }) {
    using folder = temporaryFolder()
    const bytes = await fillAndKill(name, folder.path, restartLogBytes)
    await using broker = await startBroker(name, { folder: folder.path, nodeFlags })
    const megabytes = Math.round(residentBytes(broker.pid) / 1e6)
    return { value: broker.startMs, note: `log of ${(bytes / 1e9).toFixed(2)} GB, then ${megabytes} MB resident` }
  },
}

/** Publishes without subscribers until the log is large enough; answers its bytes. */
async function fillAndKill(name: BrokerName, folder: string, bytesMin: number): Promise<number> {
  await using broker = await startBroker(name, { folder })
  const { port, pid: brokerPid } = broker
  const log = join(folder, 'data', 'log')
  while (folderBytes(log) < bytesMin) {
    await generateTraffic({
      kind: 'traffic',
      shape: 'pairs',
      publishers: 50,
      subscribers: 0,
      qos: 1,
      payloadBytes: 256,
      window: 200,
      outstandingMax: 0,
      rate: 0,
      persistent: false,
      warmUpSeconds: 0,
      seconds: 1,
      port,
      brokerPid,
    })
  }
  await broker.end('SIGKILL')
  return folderBytes(log)
}

function folderBytes(folder: string): number {
  if (!existsSync(folder)) return 0
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0)
}

export const processRows: readonly Row[] = [start, restart, idleMemory, idleConnections]
