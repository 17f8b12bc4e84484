import type { ConnectorSnapshot, ConnectorState, Snapshot } from '@hawser/admin'
import type { Random } from '@hawser/std'
import type { DemoMachine } from './demo-machine.ts'

export interface DemoTotals {
  received: number
  sent: number
  bytes: number
  duplicates: number
}

export class DemoConnector {
  readonly name: string
  readonly kind: string
  readonly target: string
  state: ConnectorState = 'running'
  #lag = 0
  #written = 0
  #rate = 0

  constructor(name: string, kind: string, target: string) {
    this.name = name
    this.kind = kind
    this.target = target
  }

  step(received: number, random: Random): void {
    this.#lag += received
    const taken =
      this.state === 'running' ? Math.max(0, this.#lag - random.integer(this.kind === 'postgres' ? 2_400 : 300)) : 0
    this.#lag -= taken
    this.#written += taken
    this.#rate = taken
  }

  get #statistics(): ConnectorSnapshot['statistics'] {
    const rate = { messagesPerSecond: this.#rate, bytesPerSecond: this.#rate * 214 }
    return {
      ...{ lastMinute: rate, lastFiveMinutes: rate, bytes: this.#written * 214, retries: 2 },
      batches: {
        ...{ count: Math.ceil(this.#written / 400), messages: { p50: 400, p99: 1_200 } },
        ...{ bytes: { p50: 85_600, p99: 256_800 }, ms: { p50: 4.1, p99: 22.7 } },
      },
      errors: { SINK_UNAVAILABLE: 2 },
    }
  }

  get snapshot(): ConnectorSnapshot {
    return {
      name: this.name,
      kind: this.kind,
      target: this.target,
      state: this.state,
      lag: { messages: this.#lag, bytes: this.#lag * 214, seconds: this.#lag / 1300, share: this.#lag / 1e6 },
      written: this.#written,
      duplicates: 0,
      deadLetters: 0,
      dropped: 0,
      lost: 0,
      rules: [{ name: 'alarms', matched: 12, dropped: 0, failed: 1 }],
      ratePerSecond: this.#rate,
      statistics: this.#statistics,
      lastError: null,
    }
  }
}

export interface DemoFigures {
  readonly atMs: number
  readonly startedAtMs: number
  readonly mqttPort: number
  readonly machines: readonly DemoMachine[]
  readonly connectors: readonly DemoConnector[]
  readonly totals: DemoTotals
}

export function demoSnapshot(figures: DemoFigures): Snapshot {
  const { atMs, machines, connectors, totals, mqttPort } = figures
  const alarms = machines.flatMap((machine) => machine.alarms).sort((a, b) => b.atMs - a.atMs)
  const connectorSnapshots = connectors.map(({ snapshot }) => snapshot)
  return {
    atMs,
    broker: brokerOf(figures),
    log: {
      id: 'log-7f3a',
      path: '.hawser/log',
      durability: 'disk',
      memoryFilters: [],
      status: { kind: 'open' },
      bytes: totals.received * 236,
      records: { appended: totals.received, committed: totals.received },
      fsyncLatencyMs: { p50: 1.4, p99: 6.2 },
      partitions: [{ partition: 0, start: 0, end: totals.received, bytes: totals.received * 236 }],
    },
    connectors: connectorSnapshots,
    parts: ['broker', 'connect', 'simulator', 'processor'].map((name, index) => ({
      name,
      state: 'running',
      pid: 4100 + index,
      restarts: name === 'simulator' ? 1 : 0,
      sinceMs: figures.startedAtMs,
      lastExit: name === 'simulator' ? 'exit code 1' : null,
    })),
    machines: machines.map(({ machine }) => machine),
    machinesTotal: machines.length,
    alarms: alarms.slice(0, 50),
    ledger: {
      acknowledged: totals.received,
      recorded: totals.received,
      delivered: totals.sent + connectorSnapshots.reduce((sum, { written }) => sum + written, 0),
      dropped: { 'queue-full': 3 },
      missing: 0,
    },
    hints: {
      publishCommand: `npx hawser pub -p ${mqttPort} -t demo/hello -m "hello"`,
      dataFolder: '.hawser',
    },
  }
}

function brokerOf({ atMs, startedAtMs, mqttPort, machines, totals }: DemoFigures): Snapshot['broker'] {
  const online = machines.length + 7
  const sent = Math.floor(totals.sent / 3)
  return {
    id: 'node-1',
    version: '0.1.0',
    state: 'running',
    startedAtMs,
    uptimeSeconds: (atMs - startedAtMs) / 1000,
    listeners: [listener('mqtt', mqttPort, online - 2), listener('ws', mqttPort, 2), listener('mqtts', mqttPort, 0)],
    connections: {
      now: online,
      total: online + 12,
      max: online + 1,
      refused: 0,
      refusedAtDoor: { 'tls-handshake': 2 },
    },
    packets: { received: totals.received * 2, sent: totals.sent * 2 },
    bytes: { received: totals.bytes, sent: totals.bytes * 2 },
    publishes: {
      received: { qos0: 0, qos1: totals.received, qos2: 0 },
      sent: { qos0: totals.sent - 2 * sent, qos1: sent, qos2: sent },
    },
    publishBytes: { received: totals.bytes, sent: totals.bytes * 2 },
    dropped: { 'queue-full': 3 },
    subscriptions: 18,
    sessions: { online, offline: 2, durable: 6 },
    retained: { count: 9, bytes: 1_420 },
    inflight: 14,
    queues: [{ name: 'outgoing', length: 21, bytes: 5_120, lengthMax: 1_000 }],
  }
}

const listener = (kind: 'mqtt' | 'mqtts' | 'ws', port: number, connections: number) => ({
  name: kind,
  kind,
  host: '127.0.0.1',
  port,
  socketPath: null,
  connections,
  certificateEndsAtMs: kind === 'mqtts' ? 1_900_000_000_000 : null,
})
