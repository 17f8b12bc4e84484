/** A broker alone, in this process, until it is told to end. */
import type { Listener } from '@hawser/broker'
import type { ConsoleServer } from '@hawser/console'
import { keepFloor } from '@hawser/engine'
import type { CommandIo } from '../command.ts'
import { openAccess, openReplaceableAccess } from '../composition/access.ts'
import { openBroker } from '../composition/broker.ts'
import { openConsole } from '../composition/console.ts'
import { type EngineContext, openEngine } from '../composition/engine.ts'
import { Reloads } from '../composition/reload.ts'
import type { Configuration } from '../config/configuration.ts'
import { fromLevel, Logger, type LogSink } from '../logging/logger.ts'
import { terminalSink, wantsColor } from '../logging/terminal.ts'
import { aborted } from '../shutdown-signal.ts'
import { at } from '../up/screen.ts'
import type { WatchedParts } from './watched-broker.ts'

export interface RunBrokerExtras {
  /** With page, REST, health and metrics. */
  readonly watched?: boolean
  /** Where messages go in place of stderr. */
  readonly sink?: LogSink
  /** Reads the configuration again, for a reload; without it only the files that it names are read again. */
  readonly load?: () => Promise<Configuration>
  /** Once all doors are open, before it is told. What it answers is disposed of at the end. */
  opened?(logger: Logger): Promise<Disposable>
}

export async function runBroker(
  configuration: Configuration,
  io: CommandIo,
  extras: RunBrokerExtras = {},
): Promise<void> {
  const { level, format } = configuration.logging
  const sink = fromLevel(level, extras.sink ?? terminalSink(io.stderr, format, wantsColor(io.stderr, io.env)))
  const context = { clock: io.clock, random: io.random, logger: new Logger('broker', io.clock, sink) }
  await using engine = await openEngine(configuration, context)
  const accessContext = { ...context, env: io.env }
  await using access = await openReplaceableAccess(configuration, accessContext)
  await using broker = await openBroker(configuration, engine, context, access, [])
  using _floor = keepFloor(engine.log, context.clock, () => broker.floor())
  using _status = engine.log.onStatus((status) => {
    if (status.kind === 'open') context.logger.info('the log takes records again')
    else context.logger.error(status.error.line)
  })
  using _extra = await extras.opened?.(context.logger)
  const reloads = new Reloads({
    ...{ configuration, broker, access, logger: context.logger },
    load: extras.load ?? (async () => configuration),
    openAccess: (next) => openAccess(next, accessContext),
  })
  const reload = () => reloads.reload()
  // What is wrong has been logged.
  using _hangUp = io.onHangUp(() => void reload().catch(() => undefined))
  const stop = new AbortController()
  const signal = AbortSignal.any([io.signal, stop.signal])
  const parts = { configuration, engine, broker, ...context, signal, reload, stop: () => stop.abort() }
  await using console = extras.watched === true ? await openWatched(parts) : undefined
  const doors = [...broker.listeners.map(doorUrl), ...(console === undefined ? [] : [console.url])].join(' ')
  io.stdout.write(`hawser broker ready: ${doors} durability=${configuration.log.durability}\n`)
  await aborted(signal)
}

/** Loaded when it is asked for: what only REST and page need is more than the whole broker. */
async function openWatched(parts: WatchedParts & EngineContext): Promise<ConsoleServer> {
  const { watchedBroker } = await import('./watched-broker.ts')
  return openConsole(parts.configuration, watchedBroker(parts), parts, parts.signal)
}

const doorUrl = ({ protocol, host, port, socketPath }: Listener): string =>
  socketPath === undefined ? `${protocol}://${at({ host, port })}` : `${protocol}+unix:${socketPath}`
