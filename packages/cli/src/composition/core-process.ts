/** The child of `hawser up` that owns the data folder: broker, log, connectors and console in one process. */
import type { Part } from '@hawser/admin'
import { lowestFloor, type PublishToLog } from '@hawser/connect'
import { type Cursor, keepFloor } from '@hawser/engine'
import { aborted, keepProcessAlive, milliseconds, sleep, systemClock, systemRandom } from '@hawser/std'
import type { Configuration } from '../config/configuration.ts'
import { type ServerSources, serverConfiguration } from '../shared-flags.ts'
import { runChild } from '../supervise/child.ts'
import { version } from '../version.ts'
import { type Company, openBrokerHost } from './broker-host.ts'
import { runConnectors } from './connectors.ts'
import { openConsole } from './console.ts'
import type { EngineContext } from './engine.ts'
import type { House } from './house.ts'
import { KpiMachines } from './machines/kpi-machines.ts'
import { MachineMemory } from './machines/machine-memory.ts'
import { openSource } from './source/source.ts'
import { TopicTable } from './source/topic-table.ts'
import { openSpecifications, recordFilters } from './specifications.ts'

export interface CoreTask {
  readonly configuration: Configuration
  /** Where it comes from: what a reload reads again. */
  readonly sources: ServerSources
  readonly publishCommand: string
  readonly house: House | undefined
  readonly company: Company
}

/** A broker that is not there by then is waited for by the devices themselves. */
const devicesWaitMsMax = milliseconds(10_000)

runChild<CoreTask>(async ({ configuration, sources, publishCommand, house, company }, child) => {
  using _alive = keepProcessAlive()
  const context: EngineContext = { clock: systemClock, random: systemRandom, logger: child.logger }
  const specifications = await openSpecifications(configuration)
  const recorded = recordFilters(configuration, specifications)
  await using host = await openBrokerHost({
    ...{ configuration, company, recordFilters: recorded },
    context: { ...context, env: process.env, house },
    load: () => serverConfiguration(sources, process.env),
  })
  const { engine, broker } = host
  // A node whose rights others have taken ends, and is started again as another.
  const signal = engine.lost === undefined ? child.signal : AbortSignal.any([child.signal, engine.lost])
  // Connectors end before the broker: what it still says in its last moments is read at the next start.
  const publish: PublishToLog = (message) => broker.publish(message)
  await using connectors = await runConnectors(configuration, engine, context, specifications, publish, signal)
  const floors = (): readonly Cursor[] => [broker.floor() as Cursor, ...connectors.floors()]
  using _floor = keepFloor(engine.log, context.clock, () => lowestFloor(floors()))
  // What is wrong has been logged.
  child.onReload(() => void host.reload().catch(() => undefined))
  const topics = new TopicTable(systemClock)
  const memories = specifications.map((specification) => new MachineMemory(specification, systemClock))
  using _taps = tapAll([topics, ...memories], (tap) => broker.tap(tap))
  const onFault = (error: unknown): void => child.logger.warn(error instanceof Error ? error.message : String(error))
  const { live, database } = connectors
  let parts: readonly Part[] = []
  child.onParts((told) => {
    parts = told
  })
  using source = openSource({
    configuration,
    version,
    engine,
    broker,
    connectors: connectors.watched,
    topics,
    machines: new KpiMachines({ live, memories, database, clock: systemClock, onFault }),
    clock: systemClock,
    random: systemRandom,
    publishCommand,
    signal,
    parts: () => parts,
    stopAll: child.stopAll,
    reload: host.reload,
  })
  await using _console = await openConsole(configuration, source, context, signal)
  // Devices begin once the other broker keeps for us what they publish there.
  if (configuration.servers.mqtt !== undefined) {
    await Promise.race([connectors.sourcesOpened, sleep(systemClock, devicesWaitMsMax, signal).catch(() => {})])
  }
  child.ready()
  await aborted(signal)
  engine.lost?.throwIfAborted()
})

function tapAll<Tap>(taps: readonly Tap[], tap: (tap: Tap) => Disposable): Disposable {
  const stack = new DisposableStack()
  for (const each of taps) stack.use(tap(each))
  return stack
}
