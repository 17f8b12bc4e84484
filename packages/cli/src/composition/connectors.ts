/** The readers of the log, as configured: each a cursor of its own, run until the signal. */
import { resolve } from 'node:path'
import { type Connector, type ConnectorRun, type RunnerLimits, runConnector } from '@hawser/connect'
import { type LiveKpis, liveKpis } from '@hawser/connect/kpi'
import type { Database } from '@hawser/connect/postgres'
import type { Cursor } from '@hawser/engine'
import { milliseconds, sleep } from '@hawser/std'
import type { Specification } from '@hawser/streams'
import type { Configuration, ConfigurationFile, ConfigurationPostgres } from '../config/configuration.ts'
import type { Engine, EngineContext } from './engine.ts'
import { WatchedConnector } from './source/connector-snapshot.ts'

export interface Connectors extends AsyncDisposable {
  readonly watched: readonly WatchedConnector[]
  readonly live: readonly LiveKpis[]
  /** Of the first that keeps its rows in a database. */
  readonly database: Database | undefined
  /** The log needs nothing below these; those that forget with the process have none. */
  floors(): readonly Cursor[]
}

/** A batch under way may end; past it the sink is as after a crash, which it is made for. */
const drainMsMax = milliseconds(800)
/** An embedded database that is only being made takes longer: what is in it comes from the log, and is made anew. */
const closeMsMax = milliseconds(1_500)

export async function runConnectors(
  configuration: Configuration,
  engine: Engine,
  context: EngineContext,
  specifications: readonly Specification[],
  signal: AbortSignal,
): Promise<Connectors> {
  await using stack = new AsyncDisposableStack()
  const { clock, random, logger } = context
  const watched: WatchedConnector[] = []
  const lasting: ConnectorRun[] = []
  const onNotice = (line: string): void => logger.warn(`connector ${line}`)
  const run = (connector: Connector, limits: Partial<RunnerLimits> = {}): ConnectorRun =>
    stack.use(
      runConnector({ log: engine.log, connector, clock, random, signal, onNotice, limits: { drainMsMax, ...limits } }),
    )
  const live = specifications.map((specification) => liveKpis({ specification }))
  for (const { connector } of live) run(connector)
  let database: Database | undefined
  for (const options of configuration.connectors) {
    const opened = await openSink(options, configuration, context, specifications, stack)
    database ??= opened.database
    for (const connector of opened.connectors) {
      const { pastBacklog, backlogBytesMax } = options
      const running = run({ ...connector, pastBacklog }, { backlogBytesMax })
      lasting.push(running)
      watched.push(new WatchedConnector(connector.name, opened.target, running, clock))
    }
  }
  const owned = stack.move()
  return {
    watched,
    live,
    database,
    floors: () => lasting.map((running) => running.floor()),
    [Symbol.asyncDispose]: () => Promise.race([owned.disposeAsync(), sleep(clock, closeMsMax)]),
  }
}

interface OpenedSink {
  readonly connectors: readonly Connector[]
  readonly target: string
  readonly database?: Database
}

function openSink(
  options: Configuration['connectors'][number],
  configuration: Configuration,
  context: EngineContext,
  specifications: readonly Specification[],
  stack: AsyncDisposableStack,
): Promise<OpenedSink> {
  switch (options.kind) {
    case 'file':
      return openFile(options, configuration, context)
    case 'postgres':
      return openPostgres(options, configuration, specifications, stack)
    default:
      throw options satisfies never
  }
}

async function openFile(
  options: ConfigurationFile,
  { dataDir }: Configuration,
  context: EngineContext,
): Promise<OpenedSink> {
  const { fileConnector } = await import('@hawser/connect/file')
  const folder = resolve(dataDir, options.folder)
  const connector = fileConnector({
    name: options.name,
    folder,
    filters: options.filters,
    begin: options.begin,
    clock: context.clock,
    limits: {
      fileBytesMax: options.fileBytesMax,
      fileAgeMsMax: milliseconds(options.fileSecondsMax * 1000),
      filesMax: options.filesMax,
    },
    onTidyError: (error) => context.logger.warn(`connector ${options.name}: ${String(error)}`),
  })
  return { connectors: [connector], target: folder }
}

async function openPostgres(
  options: ConfigurationPostgres,
  { dataDir }: Configuration,
  specifications: readonly Specification[],
  stack: AsyncDisposableStack,
): Promise<OpenedSink> {
  const { kpiConnector, openPGliteDatabase, openPostgresDatabase, rawConnector } = await import(
    '@hawser/connect/postgres'
  )
  const { url, name, filters, begin } = options
  const folder = resolve(dataDir, name)
  const database = stack.use(url === undefined ? openPGliteDatabase({ folder }) : await openPostgresDatabase({ url }))
  const kpis = specifications.map((specification) => kpiConnector({ database, specification }))
  return {
    connectors: [rawConnector({ name, database, filters, begin }), ...kpis],
    target: url === undefined ? folder : place(url),
    database,
  }
}

/** Without user and password. */
function place(url: string): string {
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}
