/** What REST and metrics see of a broker that runs alone: no connectors, no machines, and no tap on its topics. */
import type { HawserSource, Part, ReloadReport, TopicPage } from '@hawser/admin'
import type { Broker } from '@hawser/broker'
import type { Clock, Random } from '@hawser/std'
import type { Engine } from '../composition/engine.ts'
import type { MachineView } from '../composition/source/hawser-source.ts'
import { openSource } from '../composition/source/source.ts'
import type { Configuration } from '../config/configuration.ts'
import { version } from '../version.ts'

export interface WatchedParts {
  readonly configuration: Configuration
  readonly engine: Engine
  readonly broker: Broker
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  readonly stop: () => void
  /** What a supervisor says of it and of those beside it. */
  readonly parts: () => readonly Part[]
  readonly reload: () => Promise<ReloadReport>
}

const noMachines: MachineView = {
  machines: async () => [],
  alarms: async () => [],
  history: async () => undefined,
}

/** A tap on every topic would slow the live path, and this broker is here to be fast. */
const noTopics = { page: (): TopicPage => ({ total: 0, matching: 0, items: [] }) }

export function watchedBroker({ stop, ...parts }: WatchedParts): HawserSource & Disposable {
  return openSource({
    ...parts,
    version,
    connectors: [],
    topics: noTopics,
    machines: noMachines,
    publishCommand: `npx hawser pub -p ${parts.broker.listeners[0]?.port ?? 1883} -t hello -m world`,
    stopAll: stop,
  })
}
