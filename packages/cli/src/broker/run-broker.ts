/** A broker alone, in this process, until it is told to end. */

import type { LocalPublish } from '@hawser/broker'
import { keepFloor } from '@hawser/engine'
import { aborted } from '@hawser/std'
import type { CommandIo } from '../command.ts'
import { openBrokerConsole } from '../composition/broker-console.ts'
import { alone, type BrokerHost, type Company, openBrokerHost } from '../composition/broker-host.ts'
import type { EngineContext } from '../composition/engine.ts'
import type { Configuration } from '../config/configuration.ts'
import { fromLevel, Logger, type LogSink } from '../logging/logger.ts'
import { terminalSink, wantsColor } from '../logging/terminal.ts'
import { doorUrl, readyLine } from './ready-line.ts'

export interface RunBrokerExtras {
  /** What it calls itself on its one line and in its log; `broker` unless said. */
  readonly name?: string
  /** Default: alone. */
  readonly company?: Company
  /** With page, REST, health and metrics. */
  readonly watched?: boolean
  /** With the connectors that are configured. */
  readonly connected?: boolean
  /** Where messages go in place of stderr. */
  readonly sink?: LogSink
  /** Reads the configuration again, for a reload; without it only the files that it names are read again. */
  readonly load?: () => Promise<Configuration>
  /** Once all doors are open, before it is told. What it answers is disposed of at the end. */
  opened?(logger: Logger): Promise<Disposable>
}

const noRecords = { recordFilters: (): readonly string[] => [] }

/** Loaded where there are any. */
async function connectorsOf(
  configuration: Configuration,
  { engine, broker }: BrokerHost,
  context: EngineContext,
  signal: AbortSignal,
) {
  const { runConnectors } = await import('../composition/connectors.ts')
  const { lowestFloor } = await import('@hawser/connect')
  const publish = (message: LocalPublish): Promise<boolean> => broker.publish(message)
  const running = await runConnectors(configuration, engine, context, [], publish, signal)
  return {
    floor: () => lowestFloor([broker.floor(), ...running.floors()]),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

export async function runBroker(
  configuration: Configuration,
  io: CommandIo,
  extras: RunBrokerExtras = {},
): Promise<void> {
  const { level, format } = configuration.logging
  const sink = fromLevel(level, extras.sink ?? terminalSink(io.stderr, format, wantsColor(io.stderr, io.env)))
  const { name = 'broker' } = extras
  const logger = new Logger(name, io.clock, sink)
  const context = { clock: io.clock, random: io.random, logger, env: io.env }
  const connected = extras.connected === true && configuration.connectors.length > 0
  const { recordFilters } = connected ? await import('../composition/specifications.ts') : noRecords
  await using host = await openBrokerHost({
    ...{ configuration, context, company: extras.company ?? alone, recordFilters: recordFilters(configuration, []) },
    load: extras.load ?? (async () => configuration),
  })
  const { engine, broker, reload } = host
  await using connectors = connected ? await connectorsOf(configuration, host, context, io.signal) : undefined
  using _floor = keepFloor(engine.log, context.clock, () => connectors?.floor() ?? broker.floor())
  using _extra = await extras.opened?.(logger)
  // What is wrong has been logged.
  using _hangUp = io.onHangUp(() => void reload().catch(() => undefined))
  const stop = new AbortController()
  const signal = AbortSignal.any([io.signal, stop.signal, ...(engine.lost ? [engine.lost] : [])])
  const parts = { configuration, engine, broker, ...context, signal, reload, stop: () => stop.abort(), parts: () => [] }
  await using console = await openBrokerConsole(parts, extras.watched === true)
  const urls = [...broker.listeners.map(doorUrl), ...(console.url === undefined ? [] : [console.url])]
  io.stdout.write(readyLine(name, urls, configuration))
  await aborted(signal)
  engine.lost?.throwIfAborted()
}
