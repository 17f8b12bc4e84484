/**
 * `$SYS`: Mosquitto's names with the same meaning, as retained messages of this process that are in no log. Of several
 * processes one says the sums.
 */
import { neverExpires, type Partition, type Position, packedSource } from '@hawser/engine'
import type { SessionNumber, SteadyMicros } from '@hawser/std'
import { SharedSystem, type SystemFigures } from '../cluster/shared-system.ts'
import type { BrokerStats } from '../observe.ts'
import type { Services } from '../services.ts'
import { figures, type SystemStats, systemStats } from './figures.ts'
import { Loads } from './load.ts'

const noProperties = Buffer.alloc(0)
/** Publishes what has changed since the last time. */
export class SystemTopics {
  readonly #services: Services
  readonly #version: string
  readonly #stats: () => BrokerStats
  readonly #shared: SharedSystem | undefined
  readonly #last = new Map<string, string>()
  readonly #loads = new Loads()
  #heapBytesMax = 0

  constructor(services: Services, version: string, stats: () => BrokerStats) {
    const { cluster, log } = services
    this.#services = services
    this.#version = version
    this.#stats = stats
    const own = (): SystemStats => systemStats(stats())
    this.#shared = cluster && new SharedSystem(cluster, log.own, own, (all) => this.#say(all))
  }

  async publish(): Promise<void> {
    const own = systemStats(this.#stats())
    if (this.#shared === undefined) return this.#say(this.#figures(own))
    if (!this.#shared.speaks) return
    const all = this.#figures(await this.#shared.sum(own))
    this.#say(all)
    this.#shared.tell(all)
  }

  #figures(stats: SystemStats): SystemFigures {
    this.#heapBytesMax = Math.max(this.#heapBytesMax, stats.heapBytes)
    return { ...figures(stats, this.#version, this.#heapBytesMax), ...this.#loads.figures(stats) }
  }

  #say(all: SystemFigures): void {
    for (const [name, figure] of Object.entries(all)) {
      const value = String(figure)
      if (this.#last.get(name) === value) continue
      this.#last.set(name, value)
      this.#publishOne(`$SYS/broker/${name}`, value)
    }
  }

  #publishOne(topic: string, value: string): void {
    const { router, retained, live } = this.#services
    const source = packedSource(topic, noProperties, Buffer.from(value))
    retained.apply({
      ...source,
      topic,
      qos: 0,
      order: 0,
      steadyAt: 0 as SteadyMicros,
      messageExpirySeconds: neverExpires,
      publisher: 0 as SessionNumber,
      partition: 0 as Partition,
      position: -1 as Position,
    })
    const route = router.resolve(router.routeOf(topic))
    live.shareHere(route, route.groups, source, true, -1, undefined)
    live.messageHere(route, source, true, -1, undefined)
  }
}
