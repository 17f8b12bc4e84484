/** `$SYS`: Mosquitto's names with the same meaning, as retained messages of this process that are in no log. */
import { neverExpires, type Partition, type Position } from '@hawser/engine'
import type { SessionNumber } from '@hawser/std'
import { packedSource } from '../delivery/packed-source.ts'
import type { BrokerStats } from '../observe.ts'
import type { Services } from '../services.ts'
import { figures } from './figures.ts'
import { Loads } from './load.ts'

const noProperties = Buffer.alloc(0)
/** Publishes what has changed since the last time. */
export class SystemTopics {
  readonly #services: Services
  readonly #version: string
  readonly #last = new Map<string, string>()
  readonly #loads = new Loads()
  #heapBytesMax = 0

  constructor(services: Services, version: string) {
    this.#services = services
    this.#version = version
  }

  publish(stats: BrokerStats): void {
    const all = { ...figures(stats, this.#version, this.#heap()), ...this.#loads.figures(stats) }
    for (const [name, figure] of Object.entries(all)) {
      const value = String(figure)
      if (this.#last.get(name) === value) continue
      this.#last.set(name, value)
      this.#publishOne(`$SYS/broker/${name}`, value)
    }
  }

  #heap(): { readonly current: number; readonly maximum: number } {
    const current = process.memoryUsage().heapUsed
    this.#heapBytesMax = Math.max(this.#heapBytesMax, current)
    return { current, maximum: this.#heapBytesMax }
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
    const route = router.resolve(router.routeOf(topic))
    live.shareHere(route, route.groups, source, true, -1, undefined)
    live.messageHere(route, source, true, -1, undefined)
  }
}
