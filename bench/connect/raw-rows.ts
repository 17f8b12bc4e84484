/**
 * How fast telemetry reaches a sink: from records in the log to committed rows, through the runner.
 *
 *   node bench/connect/raw-rows.ts [pglite | file | URL of a PostgreSQL] [rows]
 *
 * The log is in memory and filled before the clock starts, so that what is measured is find, JSON, SQL and commit.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { type Connector, type ConnectorView, runConnector } from '@hawser/connect'
import { fileConnector } from '@hawser/connect/file'
import {
  type ColumnDefinition,
  kpiConnector,
  openPGliteDatabase,
  openPostgresDatabase,
  rawConnector,
  typedConnector,
} from '@hawser/connect/postgres'
import { appendPublish, type MessageLog, neverExpires, packedSource } from '@hawser/engine'
import { createMemoryLog } from '@hawser/engine/memory'
import { type SessionNumber, systemClock, systemRandom } from '@hawser/std'
import { factorySpecification } from '@hawser/streams'

const [target = 'pglite', rowsAsked = '100000'] = process.argv.slice(2)
const rows = Number(rowsAsked)
const machines = 20

function fill(log: MessageLog): void {
  const clientId = Buffer.from('bench-publisher')
  const now = systemClock.wallMicros()
  for (let index = 0; index < rows; index++) {
    const machine = `MACHINE_${String(index % machines).padStart(3, '0')}`
    const topic = `factory/machines/${machine}/telemetry`
    const payload = JSON.stringify({
      machine_id: machine,
      timestamp: new Date((now + index * 100) / 1000).toISOString().slice(0, -1),
      state: 'RUNNING',
      temperature: 60 + (index % 100) / 10,
      speed: 1500,
      production_count: Math.floor(index / machines),
      alarm: index % 5_000 === 0,
      shift: 'early',
      order: 'ORDER-4711',
      scrap: Math.floor(index / 1_000),
      power: 12.5 + (index % 7) / 10,
      vibration: (index % 13) / 100,
      pressure: 6.1,
      humidity: 41.5,
      energy: index / 8,
      tool: index % 16,
    })
    const source = packedSource(topic, Buffer.alloc(0), Buffer.from(payload))
    appendPublish(log, 1, source, clientId, 1 as SessionNumber, 0, neverExpires, now)
  }
}

const column = (type: ColumnDefinition['type'], name: string): ColumnDefinition => ({ name, type, path: name })

/** 17 columns: one of the topic, the others of the payload. */
const columns: readonly ColumnDefinition[] = [
  { name: 'machine', type: 'text', topicLevel: 2 },
  column('text', 'machine_id'),
  { name: 'at', type: 'timestamptz', path: 'timestamp' },
  ...['state', 'shift', 'order'].map((name) => column('text', name)),
  ...['temperature', 'power', 'vibration', 'pressure', 'humidity', 'energy'].map((name) =>
    column('double precision', name),
  ),
  ...['speed', 'production_count', 'scrap', 'tool'].map((name) => column('bigint', name)),
  column('boolean', 'alarm'),
]

async function filledLog(): Promise<MessageLog> {
  const log = createMemoryLog({ bytesMax: 1 << 30 })
  const { promise, resolve } = Promise.withResolvers<void>()
  log.onCommit(() => (log.partitions()[0]?.end ?? 0) >= rows && resolve())
  fill(log)
  await promise
  return log
}

/** Runs until caught up; answers the seconds from the first reading of the log, without the sink's own start. */
async function timed(log: MessageLog, connector: Connector): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let startedMs: number | undefined
  await using _run = runConnector({
    log,
    connector,
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
    onChange(view: ConnectorView) {
      if (view.state.kind === 'failed') return reject(new Error(view.state.reason))
      if (view.state.kind !== 'starting') startedMs ??= systemClock.monotonicMs()
      if (view.lag.messages > 0 || startedMs === undefined) return
      resolve((systemClock.monotonicMs() - startedMs) / 1000)
    },
  })
  // The clock's timers alone do not keep the process alive.
  const { port1: keepAlive } = new MessageChannel()
  keepAlive.ref()
  const seconds = await promise
  keepAlive.close()
  return seconds
}

const say = (what: string, seconds: number): void =>
  console.log(`${what}: ${rows} messages in ${seconds.toFixed(2)} s, ${Math.round(rows / seconds)}/s`)

const folder = await mkdtemp(join(tmpdir(), 'hawser-bench-'))
await using log = await filledLog()
if (target === 'file') {
  const onTidyError = (error: unknown): void => console.error(error)
  say('file', await timed(log, fileConnector({ folder, filters: ['#'], clock: systemClock, onTidyError })))
} else {
  const openingMs = systemClock.monotonicMs()
  await using database =
    target === 'pglite' ? openPGliteDatabase({ folder }) : await openPostgresDatabase({ url: target })
  await database.query('SELECT 1')
  console.log(`opened in ${((systemClock.monotonicMs() - openingMs) / 1000).toFixed(1)} s`)
  const name = `bench-${process.pid}`
  const table = { name: 'bench_telemetry', columns }
  say('17 typed columns', await timed(log, typedConnector({ name: `${name}-typed`, database, filters: ['#'], table })))
  say('raw telemetry', await timed(log, rawConnector({ name, database, filters: ['#'] })))
  say('stage A and KPI windows', await timed(log, kpiConnector({ database, specification: factorySpecification })))
}
await rm(folder, { recursive: true, force: true })
console.log(`rss ${Math.round(process.memoryUsage.rss() / 1e6)} MB, node ${process.version}`)
