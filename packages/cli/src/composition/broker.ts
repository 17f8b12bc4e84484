/** A broker as configured, over an engine. */
import { statfs } from 'node:fs/promises'
import { type AccessControl, type Broker, type BrokerEventListener, createBroker } from '@hawser/broker'
import type { Configuration } from '../config/configuration.ts'
import type { Logger } from '../logging/logger.ts'
import { controlOf } from './access.ts'
import type { Engine, EngineContext } from './engine.ts'
import { listenerOptions } from './listeners.ts'

export interface BrokerRules {
  readonly access: AccessControl
  readonly recordFilters: readonly string[]
  readonly sharedPorts: boolean
}

export async function openBroker(
  { listeners, limits, mqtt, sharedSubscriptions, systemTopicSeconds, log: { memoryFilters } }: Configuration,
  { log, state, members, bootId, hosts = 'one', path }: Engine,
  { clock, random, logger }: EngineContext,
  { access, recordFilters, sharedPorts }: BrokerRules,
): Promise<Broker> {
  const doors = await listenerOptions(listeners)
  const onFault = (what: string, error: unknown): void =>
    logger.error(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  const protocol = mqtt
  const onDisk = (low: boolean, freeBytes: number): void => {
    const free = `${Math.floor(freeBytes / 2 ** 20)} MiB are free on the disk of the log`
    if (low) logger.error(`${free}: QoS 1, QoS 2 and retained publishes are refused`)
    else logger.info(`${free}: publishes are taken again`)
  }
  const { strategy, groups } = sharedSubscriptions
  const shared = { strategy, strategies: Object.fromEntries(groups.map((group) => [group.name, group.strategy])) }
  const broker = await createBroker({
    ...{
      log,
      state,
      clock,
      random,
      bootId,
      hosts,
      listeners: doors,
      sharedPorts,
      limits,
      protocol,
      shared,
      recordFilters,
      onFault,
    },
    ...(members && { members }),
    access: controlOf(access),
    onDisk,
    ...(log.volatile && { memoryFilters }),
    ...(path !== null && { freeBytes: () => freeBytesAt(path) }),
    systemTopicSeconds,
  })
  broker.onEvent(tellUnowned(logger))
  return broker
}

/** For who has just turned logins on. Once: the counter says how many. */
function tellUnowned(logger: Logger): BrokerEventListener {
  let told = false
  return (event) => {
    if (event.kind !== 'session-unowned' || told) return
    told = true
    const client = JSON.stringify(event.clientId)
    const until = event.expirySeconds === neverExpires ? 'and it does not expire' : 'until it has expired'
    logger.warn(
      `client ${client} has logged in and is refused (0x87): its session was begun without a login, and nobody is given it, ${until}`,
    )
    logger.warn(
      'such clients take other ids, or end their sessions at a listener where anonymous may come in; the metric hawser_broker_refusals_total{reason="session-of-another"} counts them',
    )
  }
}

/** An expiry of MQTT 5.0 that is none. */
const neverExpires = 0xffff_ffff

/** To who is not root: a share of the disk is root's alone. */
async function freeBytesAt(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}
