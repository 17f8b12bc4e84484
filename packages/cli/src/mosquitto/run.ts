/** `hawser broker --mosquitto-conf FILE`: a broker as Mosquitto would run on that file. */
import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import { type MosquittoConf, type MosquittoPlan, planOf, readMosquittoConf } from '@hawser/mosquitto'
import { HawserError } from '@hawser/std'
import { runBroker } from '../broker/run-broker.ts'
import type { CommandIo } from '../command.ts'
import { refuseOpenDoors } from '../composition/doors.ts'
import type { Configuration } from '../config/configuration.ts'
import { loadConfiguration } from '../config/load.ts'
import type { Logger } from '../logging/logger.ts'
import { openLogSinks } from './log-sinks.ts'
import { writePidFile } from './pid-file.ts'
import { giveUpRoot } from './user.ts'

export interface MosquittoFlags {
  readonly 'data-dir'?: string | undefined
  readonly 'http-port'?: number | undefined
  readonly workers?: number | undefined
}

export interface PlannedRun {
  readonly conf: MosquittoConf
  readonly plan: MosquittoPlan
  /** As our own loader has taken it. */
  readonly configuration: Configuration
}

export async function planRun(file: string, flags: MosquittoFlags, env: CommandIo['env']): Promise<PlannedRun> {
  const conf = await readMosquittoConf(file)
  const plan = planOf(conf, { resolve: (path) => resolve(path), interfaces: systemInterfaces() })
  const dataDir = flags['data-dir'] === undefined ? undefined : resolve(flags['data-dir'])
  const http = { port: flags['http-port'] }
  const configuration = await loadConfiguration({ value: plan.configuration, env, flags: { dataDir, http } })
  refuseOpenDoors(configuration)
  if ((flags.workers ?? configuration.workers) > 1) {
    throw new HawserError('USAGE', 'a mosquitto.conf is run by one process', {
      mend: 'leave out --workers, or migrate the file: hawser migrate mosquitto',
    })
  }
  return { conf, plan, configuration }
}

const systemInterfaces = (): Readonly<Record<string, readonly { address: string; family: 'IPv4' | 'IPv6' }[]>> =>
  Object.fromEntries(Object.entries(networkInterfaces()).map(([name, addresses = []]) => [name, addresses]))

export async function runMosquittoConf(file: string, flags: MosquittoFlags, io: CommandIo): Promise<void> {
  const { conf, plan, configuration } = await planRun(file, flags, io.env)
  const { log, pidFile, user, secrets } = plan.process
  // Where connectors look for passwords; nobody else sees what is put there after the start.
  Object.assign(process.env, secrets)
  using sinks = openLogSinks(log, configuration.logging.format, io)
  await runBroker(configuration, io, {
    sink: sinks.sink,
    watched: flags['http-port'] !== undefined,
    connected: conf.bridges.length > 0,
    load: async () => (await planRun(file, flags, io.env)).configuration,
    async opened(logger) {
      tellIgnored(conf, logger)
      using opened = new DisposableStack()
      if (pidFile !== undefined) opened.use(writePidFile(pidFile))
      const { durability } = configuration.log
      await giveUpRoot(user, durability === 'disk' ? configuration.dataDir : undefined)
      return opened.move()
    },
  })
}

function tellIgnored({ file, entries }: MosquittoConf, logger: Logger): void {
  const ignored = entries.filter(({ verdict }) => verdict.kind === 'harmless').length
  if (ignored > 0) logger.info(`${ignored} options of ${file} are not needed here: --check says which and why`)
}
