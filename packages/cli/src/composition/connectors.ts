/** The readers of the log, as configured: each a cursor of its own, run until the signal; and what brings into it. */
import {
  type Connector,
  type ConnectorRun,
  type ConnectorView,
  type PublishToLog,
  type RunConnectorOptions,
  runConnector,
  runSource,
  type Source,
} from '@hawser/connect'
import { type LiveKpis, liveKpis } from '@hawser/connect/kpi'
import type { Database } from '@hawser/connect/postgres'
import type { Cursor } from '@hawser/engine'
import { milliseconds, sleep } from '@hawser/std'
import type { Specification } from '@hawser/streams'
import { type Configuration, type ConfigurationSink, isSink } from '../config/configuration.ts'
import type { Engine, EngineContext } from './engine.ts'
import { tellReadiness } from './readiness.ts'
import { type OpenedSink, openSink } from './sinks.ts'
import { WatchedConnector } from './source/connector-snapshot.ts'

export interface Connectors extends AsyncDisposable {
  readonly watched: readonly WatchedConnector[]
  readonly live: readonly LiveKpis[]
  /** Of the first that keeps its rows in a database. */
  readonly database: Database | undefined
  /** Resolves once each that brings in has been open. */
  readonly sourcesOpened: Promise<unknown>
  /** The log needs nothing below these; those that forget with the process have none. */
  floors(): readonly Cursor[]
}

/** A batch under way may end; past it the sink is as after a crash, which it is made for. */
const drainMsMax = milliseconds(800)
/** An embedded database that is only being made takes longer: what is in it comes from the log, and is made anew. */
const closeMsMax = milliseconds(1_500)

/** What is embedded is there with the process; nobody waits for it. */
const isServer = (target: string): boolean => target.includes('://')

export async function runConnectors(
  configuration: Configuration,
  engine: Engine,
  context: EngineContext,
  specifications: readonly Specification[],
  publish: PublishToLog,
  signal: AbortSignal,
): Promise<Connectors> {
  await using stack = new AsyncDisposableStack()
  const { clock, random, logger } = context
  const watched: WatchedConnector[] = []
  const lasting: ConnectorRun[] = []
  const onNotice = (line: string): void => logger.warn(`connector ${line}`)
  const run = (connector: Connector, further: Partial<RunConnectorOptions> = {}): ConnectorRun =>
    stack.use(runConnector({ log: engine.log, connector, clock, random, signal, onNotice, ...further }))
  const live = specifications.map((specification) => liveKpis({ specification }))
  for (const { connector } of live) run(connector, { limits: { drainMsMax } })
  let database: Database | undefined
  const opened: Promise<void>[] = []
  const bringIn = (source: Source, target: string): void => {
    const { promise, resolve } = Promise.withResolvers<void>()
    opened.push(promise)
    const tell = tellReadiness(logger, target)
    const onChange = (view: ConnectorView): void => {
      tell(view)
      if (view.state.kind === 'running') resolve()
    }
    const running = stack.use(
      runSource({ log: engine.log, publish, source, clock, random, signal, onNotice, onChange }),
    )
    watched.push(new WatchedConnector(source.name, target, running, clock))
  }
  const readInto = async (options: ConfigurationSink, { connectors, target }: OpenedSink): Promise<void> => {
    const { pastBacklog, backlogBytesMax } = options
    const limits = { drainMsMax, backlogBytesMax }
    for (const plain of connectors) {
      const connector = await withRules(plain, options, engine)
      const further = isServer(target) ? { limits, onChange: tellReadiness(logger, target) } : { limits }
      const running = run({ ...connector, pastBacklog }, further)
      lasting.push(running)
      watched.push(new WatchedConnector(connector.name, target, running, clock, connector.rules))
    }
  }
  for (const options of configuration.connectors) {
    const sink = await openSink(options, { configuration, engine, context, specifications, stack })
    database ??= sink.database
    if (isSink(options)) await readInto(options, sink)
    for (const source of sink.sources ?? []) bringIn(source, sink.target)
  }
  const owned = stack.move()
  return {
    watched,
    live,
    database,
    sourcesOpened: Promise.all(opened),
    floors: () => lasting.map((running) => running.floor()),
    [Symbol.asyncDispose]: () => Promise.race([owned.disposeAsync(), sleep(clock, closeMsMax)]),
  }
}

/** Rules are of the connector that has them, not of the KPIs that share its sink. */
export async function withRules(
  connector: Connector,
  options: ConfigurationSink,
  { state }: Engine,
): Promise<Connector> {
  if (options.rules.length === 0 || connector.name !== options.name) return connector
  const { ruledConnector } = await import('@hawser/connect/rules')
  return ruledConnector(connector, options, state)
}
