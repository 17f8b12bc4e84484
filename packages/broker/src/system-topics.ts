/** `$SYS`: Mosquitto's names with the same meaning, as retained messages of this process that are in no log. */
import { neverExpires, type Partition, type Position } from '@hawser/engine'
import type { SessionNumber } from '@hawser/std'
import { packedSource } from './delivery/packed-source.ts'
import type { BrokerStats } from './observe.ts'
import type { Services } from './services.ts'

const noProperties = Buffer.alloc(0)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function figures(stats: BrokerStats, version: string): Record<string, string | number> {
  const { counters } = stats
  return {
    version: `hawser ${version}`,
    uptime: `${Math.floor(stats.uptimeSeconds)} seconds`,
    'clients/connected': stats.connections,
    'clients/disconnected': stats.sessionsResting,
    'clients/total': stats.connections + stats.sessionsResting,
    'clients/maximum': counters.connectionsMax,
    'clients/expired': counters.sessionsExpired,
    'messages/received': counters.packetsReceived,
    'messages/sent': counters.packetsSent + sum(counters.publishesSent),
    'messages/stored': stats.retainedMessages,
    'publish/messages/received': sum(counters.publishesReceived),
    'publish/messages/sent': sum(counters.publishesSent),
    'publish/messages/dropped': sum(Object.values(counters.dropped)),
    'bytes/received': counters.bytesReceived,
    'bytes/sent': counters.bytesSent,
    'retained messages/count': stats.retainedMessages,
    'store/messages/bytes': stats.retainedBytes,
    'subscriptions/count': stats.subscriptions,
  }
}

/** Publishes what has changed since the last time. */
export class SystemTopics {
  readonly #services: Services
  readonly #version: string
  readonly #last = new Map<string, string>()

  constructor(services: Services, version: string) {
    this.#services = services
    this.#version = version
  }

  publish(stats: BrokerStats): void {
    for (const [name, figure] of Object.entries(figures(stats, this.#version))) {
      const value = String(figure)
      if (this.#last.get(name) === value) continue
      this.#last.set(name, value)
      this.#publishOne(`$SYS/broker/${name}`, value)
    }
  }

  #publishOne(topic: string, value: string): void {
    const { router, retained, live, clock } = this.#services
    const source = packedSource(topic, noProperties, Buffer.from(value))
    retained.apply({
      ...source,
      topic,
      qos: 0,
      publishedAt: clock.wallMicros(),
      messageExpirySeconds: neverExpires,
      publisher: 0 as SessionNumber,
      partition: 0 as Partition,
      position: -1 as Position,
    })
    live.message(router.resolve(router.routeOf(topic)), source, true, -1, undefined)
  }
}
