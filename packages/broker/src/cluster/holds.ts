/**
 * Back-pressure between processes: a receiver that is full holds a publisher of another process back, as it would one
 * of its own. The word of it takes a turn, so that a little more comes.
 */
import type { PeerId } from '@hawser/engine'
import type { ClientId, Clock } from '@hawser/std'
import { pauseCause } from '../session/pause-cause.ts'
import { Reading } from '../session/reading.ts'
import type { SessionRegistry } from '../session/registry.ts'
import type { Cluster } from './cluster.ts'
import { decodeMessage, encodeMessage } from './encoding.ts'

const channel = 'holds'
/** Publishers of other processes that have been held back; past it the one that came first is forgotten. */
const readingsMax = 10_000

interface HoldMessage {
  readonly clientId: ClientId
  readonly held: boolean
}

export class Holds {
  readonly #cluster: Cluster
  readonly #clock: Clock
  readonly #sessions: Pick<SessionRegistry, 'online'>
  /** Publishers elsewhere, by peer and client id. */
  readonly #readings = new Map<string, Reading>()
  /** Publishers here, and who holds them. */
  readonly #holders = new Map<ClientId, Set<PeerId>>()

  constructor(cluster: Cluster, clock: Clock, sessions: Pick<SessionRegistry, 'online'>) {
    this.#cluster = cluster
    this.#clock = clock
    this.#sessions = sessions
    cluster.use(cluster.members.bus.subscribe(channel, (from, bytes) => this.#told(from, bytes)))
    cluster.use(
      cluster.peers.onLeft((peer) => {
        for (const clientId of [...this.#holders.keys()]) this.#release(clientId, peer)
      }),
    )
  }

  /** What a full receiver here holds back. */
  readingOf(peer: PeerId, clientId: ClientId): Reading {
    const key = `${peer}/${clientId}`
    let reading = this.#readings.get(key)
    if (reading === undefined) {
      if (this.#readings.size >= readingsMax) this.#forgetOldest()
      const tell = (held: boolean): void => {
        this.#cluster.outbox.send(peer, channel, encodeMessage({ clientId, held } satisfies HoldMessage))
      }
      reading = new Reading({ pause: () => tell(true), resume: () => tell(false) }, this.#clock)
      this.#readings.set(key, reading)
    }
    return reading
  }

  #forgetOldest(): void {
    for (const [key, reading] of this.#readings) {
      if (reading.paused) continue
      this.#readings.delete(key)
      return
    }
  }

  #told(from: PeerId, bytes: Buffer): void {
    const message = decodeMessage<HoldMessage>(bytes)
    if (message === undefined) return
    const { clientId, held } = message
    if (!held) return this.#release(clientId, from)
    const reading = this.#sessions.online.get(clientId)?.connection?.reading
    if (reading === undefined) return
    const holders = this.#holders.get(clientId) ?? new Set()
    this.#holders.set(clientId, holders.add(from))
    reading.pause(pauseCause.remote)
  }

  #release(clientId: ClientId, peer: PeerId): void {
    const holders = this.#holders.get(clientId)
    if (holders?.delete(peer) !== true || holders.size > 0) return
    this.#holders.delete(clientId)
    this.#sessions.online.get(clientId)?.connection?.reading.resume(pauseCause.remote)
  }
}
