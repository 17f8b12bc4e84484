/** A child that serves clients beside others of its kind, on one data folder and one set of ports. */
import type { Part } from '@hawser/admin'
import { keepFloor } from '@hawser/engine'
import { aborted, keepProcessAlive, systemClock, systemRandom } from '@hawser/std'
import type { Configuration } from '../config/configuration.ts'
import type { ServerSources } from '../shared-flags.ts'
import { runChild } from '../supervise/child.ts'
import { workerConfiguration } from '../workers/worker-configuration.ts'
import { openBrokerConsole } from './broker-console.ts'
import { openBrokerHost } from './broker-host.ts'
import type { House } from './house.ts'

export interface WorkerTask {
  readonly configuration: Configuration
  /** Where it comes from: what a reload reads again. */
  readonly sources: ServerSources
  /** From 0 on, among those that share the ports. */
  readonly index: number
  readonly house: House | undefined
  /** Connectors run beside it, and read what the configuration says. */
  readonly connectors: boolean
  /** Worker 0 serves page, REST, health and metrics for all. */
  readonly http: boolean
}

runChild<WorkerTask>(async ({ sources, index, house, connectors, http }, child) => {
  using _alive = keepProcessAlive()
  const { env } = process
  const { logger, signal } = child
  const load = (): Promise<Configuration> => workerConfiguration(sources, index, env)
  const configuration = await load()
  const recordFilters = connectors ? await recordedFor(configuration) : []
  const context = { clock: systemClock, random: systemRandom, logger, env, house }
  const company = { member: true, sharedPorts: true }
  await using host = await openBrokerHost({ configuration, context, company, recordFilters, load })
  const { engine, broker, reload } = host
  using _floor = keepFloor(engine.log, context.clock, () => broker.floor())
  // What is wrong has been logged.
  child.onReload(() => void reload().catch(() => undefined))
  let told: readonly Part[] = []
  child.onParts((parts) => {
    told = parts
  })
  const parts = { configuration, engine, broker, ...context, signal, reload, stop: child.stopAll, parts: () => told }
  await using _console = await openBrokerConsole(parts, http && index === 0)
  child.ready()
  await aborted(signal)
})

async function recordedFor(configuration: Configuration): Promise<readonly string[]> {
  const { openSpecifications, recordFilters } = await import('./specifications.ts')
  return recordFilters(configuration, await openSpecifications(configuration))
}
