/** What each process counts, told to the others twice a second: a bound of all is held within what comes in that time. */
import type { PeerId } from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'
import type { Cluster } from './cluster.ts'
import { decodeMessage, encodeMessage } from './encoding.ts'

const channel = 'counts'
const everyMs = milliseconds(500)
/** A peer that has not been heard for so long does not count. */
const silentMsMax = 3_000

export interface Counts {
  readonly connections: number
  /** With and without connection. */
  readonly sessions: number
}

interface Heard {
  readonly counts: Counts
  readonly atMs: number
}

export class Gossip {
  readonly #cluster: Cluster
  readonly #clock: Clock
  readonly #own: () => Counts
  readonly #heard = new Map<PeerId, Heard>()
  #timer: Disposable

  constructor(cluster: Cluster, clock: Clock, own: () => Counts) {
    this.#cluster = cluster
    this.#clock = clock
    this.#own = own
    cluster.use(cluster.members.bus.subscribe(channel, (from, bytes) => this.#told(from, bytes)))
    cluster.use(cluster.peers.onLeft((peer) => this.#heard.delete(peer)))
    cluster.onNewcomer(async (peer) => {
      cluster.outbox.send(peer, channel, encodeMessage(own()))
    })
    this.#timer = clock.after(everyMs, () => this.#tell())
    cluster.use({ [Symbol.dispose]: () => this.#timer[Symbol.dispose]() })
  }

  get connections(): number {
    return this.#sum(({ connections }) => connections)
  }

  get sessions(): number {
    return this.#sum(({ sessions }) => sessions)
  }

  #sum(of: (counts: Counts) => number): number {
    const nowMs = this.#clock.monotonicMs()
    let sum = 0
    for (const { counts, atMs } of this.#heard.values()) if (nowMs - atMs <= silentMsMax) sum += of(counts)
    return sum
  }

  /** One that is lost is followed by another. */
  #tell(): void {
    const { peers, members } = this.#cluster
    const message = encodeMessage(this.#own())
    for (const peer of peers.present) members.bus.send(peer, channel, message)
    this.#timer = this.#clock.after(everyMs, () => this.#tell())
  }

  #told(from: PeerId, bytes: Buffer): void {
    const counts = decodeMessage<Counts>(bytes)
    if (counts !== undefined) this.#heard.set(from, { counts, atMs: this.#clock.monotonicMs() })
  }
}
