/** A console of a Hawser that is well, except for what a test changes. */
import type { Health, KpiWindow, Snapshot, Topic } from '@hawser/admin'
import type { ConsolePort } from '../ports/ports.ts'

const atMs = 1_700_000_000_000

export class FakeConsole implements ConsolePort {
  readonly url = 'http://127.0.0.1:8080'
  snapshotNow = healthySnapshot()
  healthNow: Health = { ok: true, checks: [] }
  topicNames: string[] = []
  clientIds: string[] = []
  windows: KpiWindow[] = [kpiWindow(atMs - 30_000)]
  metricsText = (): string => ''
  /** Called before each look at the state, with how many there were. */
  onLook: (looks: number) => void = () => undefined
  #looks = 0

  async health(): Promise<Health> {
    return this.healthNow
  }

  async snapshot(): Promise<Snapshot> {
    this.onLook(this.#looks++)
    return structuredClone(this.snapshotNow)
  }

  async topics(search: string): Promise<readonly Topic[]> {
    return this.topicNames.filter((topic) => topic.includes(search)).map((topic) => ({ topic }) as Topic)
  }

  async connectedClients(search: string): Promise<readonly string[]> {
    return this.clientIds.filter((id) => id.includes(search))
  }

  async machineHistory(machineId: string) {
    return { machineId, windows: this.windows, segments: [], alarms: [] }
  }

  async metrics(): Promise<string> {
    return this.metricsText()
  }
}

export function kpiWindow(startMs: number): KpiWindow {
  const figures = { oee: 0.5, availability: 0.5, effectiveness: 1, quality: 1, qualityAssumed: true, alarms: 0 }
  const measures = { alarmRatePerHour: 0, temperatureCelsius: null, speedRpm: null, produced: 1, coverage: 1 }
  return { startMs, endMs: startMs + 60_000, final: false, ...figures, ...measures }
}

const part = (name: string) => ({
  name,
  state: 'running' as const,
  pid: 42,
  restarts: 0,
  sinceMs: atMs - 100_000,
  lastExit: null,
})

const connector = (name: string) => ({
  name,
  kind: 'file',
  target: `/data/${name}`,
  state: 'running' as const,
  lag: { messages: 0, bytes: 0, seconds: 0, share: 0 },
  written: 100,
  duplicates: 0,
  deadLetters: 0,
  dropped: 0,
  lost: 0,
  rules: [],
  ratePerSecond: 1,
  statistics: {
    lastMinute: { messagesPerSecond: 1, bytesPerSecond: 10 },
    lastFiveMinutes: { messagesPerSecond: 1, bytesPerSecond: 10 },
    ...{ bytes: 1_000, batches: null, retries: 0, errors: {} },
  },
  lastError: null,
})

/** Mutable, so that a test says what is ill in one assignment. */
type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T

export function healthySnapshot(): Mutable<Snapshot> {
  const counts = { qos0: 0, qos1: 0, qos2: 0 }
  return {
    atMs,
    broker: {
      id: 'local',
      version: '0.1.0',
      state: 'running',
      startedAtMs: atMs - 100_000,
      uptimeSeconds: 100,
      listeners: [listener('mqtt', 1883, 0), listener('ws', 9001, 0)],
      connections: { now: 0, total: 0, max: 0, refused: 0, refusedAtDoor: {} },
      packets: { received: 0, sent: 0 },
      bytes: { received: 0, sent: 0 },
      publishes: { received: { ...counts }, sent: { ...counts } },
      publishBytes: { received: 0, sent: 0 },
      dropped: {},
      subscriptions: 0,
      sessions: { online: 0, offline: 0, durable: 0 },
      retained: { count: 0, bytes: 0 },
      inflight: 0,
      queues: [],
    },
    log: {
      id: 'log',
      path: '/data/log',
      durability: 'disk',
      memoryFilters: [],
      status: { kind: 'open' },
      bytes: 0,
      records: { appended: 10, committed: 10 },
      fsyncLatencyMs: null,
      partitions: [],
    },
    connectors: [connector('postgres'), connector('kpi-factory-v1'), connector('logger')],
    parts: [part('core'), part('factory'), part('sensors')],
    machines: [
      {
        id: 'MACHINE_001',
        state: 'RUNNING',
        category: 'producing',
        lastSeenAtMs: atMs,
        temperatureCelsius: 50,
        speedRpm: 1000,
        alarm: false,
        current: null,
        lastFinal: null,
      },
    ],
    machinesTotal: 1,
    alarms: [],
    ledger: { acknowledged: 0, recorded: 0, delivered: 0, dropped: {}, missing: null },
    hints: { publishCommand: 'npx hawser pub', dataFolder: '/data' },
  }
}

const listener = (kind: 'mqtt' | 'ws', port: number, connections: number) => ({
  name: kind,
  kind,
  host: '127.0.0.1',
  port,
  socketPath: null,
  connections,
  certificateEndsAtMs: null,
})
