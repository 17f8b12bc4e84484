/**
 * Which topics this process wants from the others at QoS 0, and they from it: filters of connected sessions, of shared
 * subscriptions and of taps. A newcomer is told all, then what changes, once a turn. All of it goes by the outbox, so
 * that the last word about a filter comes last.
 */
import { isSharedFilter } from '@hawser/codec'
import type { Cursor, Partition, PeerId, Position } from '@hawser/engine'
import { type Clock, milliseconds, sleep } from '@hawser/std'
import type { Elsewhere } from '../router/route.ts'
import { adopted } from './adopted.ts'
import type { Cluster } from './cluster.ts'
import { decodeMessage, encodeMessage } from './encoding.ts'
import { PeerFilters } from './peer-filters.ts'

const channel = 'interest'
const confirmation = 'interest'
const filtersPerMessage = 1_000
/** How long a newcomer with a full queue is waited for before it is told more. */
const paceMs = milliseconds(5)
/** How long a subscription waits to be handed what was acknowledged before it. */
const handedMsMax = milliseconds(10_000)

interface InterestMessage {
  /** What was told before does not count any more. */
  readonly anew?: boolean
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

/** The end of each partition that the peer appends to. */
type Confirmation = readonly (readonly [Partition, Position])[]

export interface InterestParts {
  readonly cluster: Cluster
  readonly clock: Clock
  /** Topics of the filter have other receivers now. */
  readonly changed: (filter: string) => void
  /** A peer wants shares of this `$share/…` filter, or does so no more. */
  readonly shareWanted: (peer: PeerId, key: string, isWanted: boolean) => void
  readonly ownEnds: () => Cursor
  readonly reached: (ends: Cursor, signal: AbortSignal) => Promise<void>
  /** Where a lane that nobody lives on ends. */
  readonly endOf: (partition: Partition) => Promise<Position>
  /** So many subscriptions, or sessions that came back, go on before all was confirmed. */
  readonly unconfirmed: (count: number) => void
}

/** Filters that somebody wants before they count by themselves. */
export interface HeldInterest extends Disposable {
  /**
   * All peers forward what matches from now on, and what they had acknowledged before has been handed over, also of
   * those that are dead. Resolves all the same where that takes too long.
   */
  readonly confirmed: Promise<void>
}

export class Interest {
  readonly #parts: InterestParts
  readonly #peers = new PeerFilters()
  readonly #counts = new Map<string, number>()
  readonly #changed = new Set<string>()
  /** Peers that missed a change: they are told anew. */
  readonly #lost = new Set<PeerId>()
  /** Peers are being told all: what is asked of them has to wait. */
  readonly #telling = new Set<Promise<void>>()
  #flushes = false
  #round: Promise<void> | undefined
  #asking = 0

  constructor(parts: InterestParts) {
    this.#parts = parts
    const { cluster } = parts
    cluster.use(cluster.members.bus.subscribe(channel, (from, bytes) => this.#told(from, bytes)))
    cluster.use(cluster.peers.onLeft((peer) => this.#left(peer)))
    cluster.onNewcomer((peer) => this.#tellAnew(peer))
    cluster.questions.answer(confirmation, () => encodeMessage([...parts.ownEnds()] satisfies Confirmation))
  }

  elsewhere(topic: string): Elsewhere | undefined {
    return this.#peers.of(topic)
  }

  add(filter: string): void {
    const count = this.#counts.get(filter) ?? 0
    this.#counts.set(filter, count + 1)
    if (count === 0) this.#change(filter)
  }

  remove(filter: string): void {
    const count = this.#counts.get(filter) ?? 0
    if (count > 1) {
      this.#counts.set(filter, count - 1)
    } else if (this.#counts.delete(filter)) {
      this.#change(filter)
    }
  }

  hold(filters: readonly string[]): HeldInterest {
    for (const filter of filters) this.add(filter)
    return {
      confirmed: this.#confirm(),
      [Symbol.dispose]: () => {
        for (const filter of filters) this.remove(filter)
      },
    }
  }

  /** One question for all that ask in a turn. */
  #confirm(): Promise<void> {
    this.#asking++
    this.#round ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        const asking = this.#asking
        this.#round = undefined
        this.#asking = 0
        const told = (isConfirmed: boolean): void => {
          if (!isConfirmed) this.#parts.unconfirmed(asking)
        }
        this.#askAll().then(told).then(resolve, reject)
      })
    })
    return this.#round
  }

  async #askAll(): Promise<boolean> {
    this.#flush()
    await Promise.all(this.#telling)
    const { cluster, clock } = this.#parts
    const { members, peers, questions } = cluster
    const orphans = new Set(members.orphans())
    using _orphans = members.onOrphans(() => {
      for (const orphan of members.orphans()) orphans.add(orphan)
    })
    const asked = [...peers.present]
    const answers = await questions.ask(confirmation, new Uint8Array(), { peers: asked })
    const ends = new Map<Partition, Position>()
    for (const bytes of answers.values()) {
      for (const [partition, end] of decodeMessage<Confirmation>(bytes) ?? []) ends.set(partition, end)
    }
    const over = new AbortController()
    const late = sleep(clock, handedMsMax, over.signal).then(
      () => false,
      () => false,
    )
    const isHanded = await Promise.race([this.#handed(ends, orphans, over.signal), late])
    over.abort()
    return isHanded && asked.every((peer) => answers.has(peer) || !peers.present.has(peer))
  }

  /** What the dead had acknowledged is known once their lanes are taken over. */
  async #handed(ends: Map<Partition, Position>, orphans: ReadonlySet<Partition>, over: AbortSignal): Promise<true> {
    const { cluster, reached, endOf } = this.#parts
    await adopted(cluster.members, over)
    for (const orphan of orphans) if (!ends.has(orphan)) ends.set(orphan, await endOf(orphan))
    await reached(ends, over)
    return true
  }

  #change(filter: string): void {
    this.#changed.add(filter)
    if (this.#flushes) return
    this.#flushes = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#flushes = false
    if (this.#changed.size === 0) return
    const changed = [...this.#changed]
    this.#changed.clear()
    for (let from = 0; from < changed.length; from += filtersPerMessage) {
      const some = changed.slice(from, from + filtersPerMessage)
      const add = some.filter((filter) => this.#counts.has(filter))
      const remove = some.filter((filter) => !this.#counts.has(filter))
      const message = encodeMessage({ add, remove } satisfies InterestMessage)
      for (const peer of this.#parts.cluster.peers.present) this.#tell(peer, message)
    }
  }

  #tell(peer: PeerId, message: Buffer): void {
    if (this.#lost.has(peer) || this.#parts.cluster.outbox.send(peer, channel, message)) return
    this.#lost.add(peer)
    void this.#tellAnew(peer)
  }

  async #tellAnew(peer: PeerId): Promise<void> {
    const telling = this.#tellAll(peer)
    this.#telling.add(telling)
    await telling
    this.#telling.delete(telling)
  }

  /** In parts, each once the one before has gone: what changes meanwhile is told behind it. */
  async #tellAll(peer: PeerId): Promise<void> {
    const { peers, outbox } = this.#parts.cluster
    await this.#roomFor(peer)
    // What changes from now on is told; what changed before is among what is gathered now.
    this.#lost.delete(peer)
    let anew = true
    let some: string[] = []
    const send = (): void => {
      const message = { add: some.filter((filter) => this.#counts.has(filter)), remove: [], anew }
      outbox.send(peer, channel, encodeMessage(message satisfies InterestMessage))
      anew = false
      some = []
    }
    for (const filter of this.#counts.keys()) {
      some.push(filter)
      if (some.length < filtersPerMessage) continue
      send()
      await this.#roomFor(peer)
      if (!peers.present.has(peer)) return
    }
    send()
  }

  async #roomFor(peer: PeerId): Promise<void> {
    const { cluster, clock } = this.#parts
    while (cluster.peers.present.has(peer) && cluster.outbox.waits(peer)) await sleep(clock, paceMs)
  }

  #told(from: PeerId, bytes: Buffer): void {
    const message = decodeMessage<InterestMessage>(bytes)
    if (message === undefined) return
    const { changed } = this.#parts
    if (message.anew === true) for (const filter of this.#peers.forget(from)) changed(filter)
    for (const key of message.add) this.#changedAt(this.#peers.add(from, key))
    for (const key of message.remove) this.#changedAt(this.#peers.remove(from, key))
    const { shareWanted } = this.#parts
    for (const key of message.add) if (isSharedFilter(key)) shareWanted(from, key, true)
    for (const key of message.remove) if (isSharedFilter(key)) shareWanted(from, key, false)
  }

  #changedAt(filter: string | undefined): void {
    if (filter !== undefined) this.#parts.changed(filter)
  }

  #left(peer: PeerId): void {
    this.#lost.delete(peer)
    for (const filter of this.#peers.forget(peer)) this.#parts.changed(filter)
  }
}
