/** What every process that serves clients runs: engine, access control and broker as configured, and reloads of them. */
import type { ReloadReport } from '@hawser/admin'
import type { Broker } from '@hawser/broker'
import type { Configuration } from '../config/configuration.ts'
import { openAccess, openReplaceableAccess } from './access.ts'
import type { AccessContext } from './access-methods.ts'
import { openBroker } from './broker.ts'
import { type Engine, openEngine } from './engine.ts'
import { inlineWholePaths } from './inlining.ts'
import { Reloads } from './reload.ts'
import { boundYoungGeneration } from './young-generation.ts'

export interface BrokerHost extends AsyncDisposable {
  readonly engine: Engine
  readonly broker: Broker
  /** Rejects where the new configuration is bad, which has been logged: then the old one stays. */
  reload(): Promise<ReloadReport>
}

/** Whom it has beside it. */
export interface Company {
  /** Other processes may serve the same data folder. */
  readonly member: boolean
  /** They serve the same ports, too. */
  readonly sharedPorts: boolean
}

export const alone: Company = { member: false, sharedPorts: false }

export interface BrokerHostOptions {
  readonly configuration: Configuration
  readonly context: AccessContext
  readonly company: Company
  /** QoS 0 on these is recorded too: connectors read them. */
  readonly recordFilters: readonly string[]
  /** Reads the configuration again, for a reload. */
  load(): Promise<Configuration>
}

export async function openBrokerHost(options: BrokerHostOptions): Promise<BrokerHost> {
  const { configuration, context, company, recordFilters, load } = options
  const { logger } = context
  boundYoungGeneration()
  inlineWholePaths()
  await using stack = new AsyncDisposableStack()
  const engine = stack.use(await openEngine(configuration, context, company.member))
  const access = stack.use(await openReplaceableAccess(configuration, context))
  const rules = { access, recordFilters, sharedPorts: company.sharedPorts }
  const broker = stack.use(await openBroker(configuration, engine, context, rules))
  stack.use(
    engine.log.onStatus((status) => {
      if (status.kind === 'open') logger.info('the log takes records again')
      else logger.error(status.error.line)
    }),
  )
  const reloads = new Reloads({
    ...{ configuration, broker, access, logger, load },
    openAccess: (next) => openAccess(next, context),
  })
  const owned = stack.move()
  return { engine, broker, reload: () => reloads.reload(), [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
