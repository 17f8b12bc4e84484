/**
 * Mosquitto's `$SYS/broker/load/…`: how many a minute, as a mean that forgets, over one, five and fifteen minutes. The
 * mean after a step of `s` seconds is `rate + (mean − rate) · exp(−s / (60 · minutes))`, as Unix computes its load.
 */
import type { SystemStats } from './figures.ts'

const minutes = [1, 5, 15] as const
const secondsPerMinute = 60

const totals = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0)

/** What is counted, by Mosquitto's name. */
const counted: Readonly<Record<string, (stats: SystemStats) => number>> = {
  'messages/received': ({ counters }) => counters.packetsReceived,
  'messages/sent': ({ counters }) => counters.packetsSent + totals(counters.publishesSent),
  'publish/received': ({ counters }) => totals(counters.publishesReceived),
  'publish/sent': ({ counters }) => totals(counters.publishesSent),
  'publish/dropped': ({ counters }) => totals(Object.values(counters.dropped)),
  'bytes/received': ({ counters }) => counters.bytesReceived,
  'bytes/sent': ({ counters }) => counters.bytesSent,
  /** CONNECT packets that were answered with success. */
  connections: ({ counters }) => counters.sessionsOpened,
  /** Network connections, whatever came of them. */
  sockets: ({ counters }) => counters.connectionsAccepted,
}

class Load {
  readonly #means = minutes.map(() => 0)
  #last = 0

  /** Answers the means by span after `count` stood at `seconds` later than the last time. */
  step(count: number, seconds: number): readonly number[] {
    // Of several processes one may have gone, with what it had counted.
    const rate = seconds <= 0 ? 0 : (Math.max(0, count - this.#last) * secondsPerMinute) / seconds
    this.#last = count
    for (const [index, span] of minutes.entries()) {
      const mean = this.#means[index] ?? 0
      this.#means[index] = rate + (mean - rate) * Math.exp(-seconds / (secondsPerMinute * span))
    }
    return this.#means
  }
}

export class Loads {
  readonly #loads = new Map(Object.keys(counted).map((name) => [name, new Load()]))
  #uptimeSeconds = 0

  figures(stats: SystemStats): Record<string, string> {
    const seconds = stats.uptimeSeconds - this.#uptimeSeconds
    this.#uptimeSeconds = stats.uptimeSeconds
    const figures: Record<string, string> = {}
    for (const [name, load] of this.#loads) {
      const means = load.step(counted[name]?.(stats) ?? 0, seconds)
      for (const [index, span] of minutes.entries()) {
        figures[`load/${name}/${span}min`] = (means[index] ?? 0).toFixed(2)
      }
    }
    return figures
  }
}
