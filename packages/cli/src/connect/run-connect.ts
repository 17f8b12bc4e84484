/** A source and a connector over a log of their own, until the signal. */
import { lowestFloor, openLogEntrance } from '@hawser/connect'
import { keepFloor } from '@hawser/engine'
import { aborted, keepProcessAlive } from '@hawser/std'
import type { CommandIo } from '../command.ts'
import { runConnectors } from '../composition/connectors.ts'
import { openEngine } from '../composition/engine.ts'
import { loggerOf } from './logger.ts'
import type { ConnectSettings } from './settings.ts'
import { tellStatistics } from './statistics.ts'

export async function runConnect(
  { configuration, source, connector }: ConnectSettings,
  statisticsSeconds: number,
  io: CommandIo,
): Promise<void> {
  using _alive = keepProcessAlive()
  const { clock, random, signal } = io
  const logger = loggerOf(configuration, io)
  const context = { clock, random, logger }
  await using engine = await openEngine(configuration, context, false)
  const { log } = engine
  using _status = log.onStatus((status) =>
    status.kind === 'open' ? logger.info('the log takes messages again') : logger.error(status.error.line),
  )
  using entrance = openLogEntrance(log, clock, source.name)
  await using connectors = await runConnectors(configuration, engine, context, [], entrance.publish, signal)
  using _floor = keepFloor(log, clock, () => lowestFloor(connectors.floors()))
  const { watched } = connectors
  using _statistics = tellStatistics(watched, statisticsSeconds, clock, logger)
  io.stdout.write(
    `connect: ${source.filters.join(',')} of ${source.url} into ${connector.name}; its log is in ${configuration.dataDir}\n`,
  )
  await aborted(signal)
  // The last figures are those of the end.
  await connectors[Symbol.asyncDispose]()
}
