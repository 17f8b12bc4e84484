/** A broker as configured, over an engine. */
import { type AccessControl, type Broker, createBroker } from '@hawser/broker'
import type { Configuration } from '../config/configuration.ts'
import { controlOf } from './access.ts'
import type { Engine, EngineContext } from './engine.ts'
import { listenerOptions } from './listeners.ts'

export async function openBroker(
  { listeners, limits, mqtt, sharedSubscriptions, systemTopicSeconds }: Configuration,
  { log, state }: Engine,
  { clock, random, logger }: EngineContext,
  access: AccessControl,
  recordFilters: readonly string[],
): Promise<Broker> {
  const doors = await listenerOptions(listeners)
  const onFault = (what: string, error: unknown): void =>
    logger.error(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  const protocol = mqtt
  const { strategy, groups } = sharedSubscriptions
  const shared = { strategy, strategies: Object.fromEntries(groups.map((group) => [group.name, group.strategy])) }
  return createBroker({
    ...{ log, state, clock, random, listeners: doors, limits, protocol, shared, recordFilters, onFault },
    access: controlOf(access),
    systemTopicSeconds,
  })
}
