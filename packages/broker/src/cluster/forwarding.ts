/**
 * QoS 0 to the processes that want it, once each. Which member of a shared subscription gets it is chosen where it is
 * published; one of which nothing but its interest is known yet is left to one of those that have told it. Measure with `bench/` rows "QoS 0 pairs" at two processes.
 */
import type { PeerId, PublishSource } from '@hawser/engine'
import type { SessionNumber } from '@hawser/std'
import type { Forwarding } from '../delivery/live.ts'
import type { Route } from '../router/route.ts'
import type { Connection } from '../session/connection.ts'
import type { Cluster } from './cluster.ts'
import { type LiveEnvelope, LiveFrameWriter, liveKind } from './live-frame.ts'
import { LiveOutlet, type OutletParts } from './live-outlet.ts'

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

const noBytes = Buffer.alloc(0)
const noShares: readonly string[] = []
const noSession = 0 as SessionNumber

export class PeerForwarding implements Forwarding {
  readonly #parts: OutletParts
  readonly #outlets = new Map<PeerId, LiveOutlet>()
  readonly #writer = new LiveFrameWriter()
  /** Filled for each message, read at once. */
  readonly #envelope: Mutable<LiveEnvelope> = {
    topicBytes: noBytes,
    clientIdBytes: noBytes,
    session: noSession,
    subscribers: true,
    shares: noShares,
  }
  #turn = 0

  constructor(parts: OutletParts, cluster: Cluster) {
    this.#parts = parts
    cluster.use(cluster.peers.onLeft((peer) => this.#left(peer)))
  }

  run(
    route: Route,
    buffer: Buffer,
    start: number,
    end: number,
    count: number,
    payloadBytes: number,
    publisher: Connection,
  ): void {
    const envelope = this.#envelopeOf(route, publisher)
    const kind = publisher.version === 5 ? liveKind.v5Run : liveKind.plainRun
    const frame = this.#writer.run(kind, envelope, buffer, start, end, count, payloadBytes)
    for (const peer of route.elsewhere?.peers ?? []) this.#outletTo(peer).send(frame, count, publisher.reading)
  }

  message(
    route: Route,
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
    publisher: Connection | undefined,
  ): void {
    const { elsewhere } = route
    if (elsewhere === undefined) return
    const envelope = this.#envelopeOf(route, publisher)
    if (elsewhere.shares.size === 0) {
      const frame = this.#writer.message(envelope, source, retain, messageExpirySeconds)
      for (const peer of elsewhere.peers) this.#outletTo(peer).send(frame, 1, publisher?.reading)
      return
    }
    const shares = this.#chooseShares(route, elsewhere.shares)
    for (const peer of new Set([...elsewhere.peers, ...shares.keys()])) {
      envelope.subscribers = elsewhere.peers.includes(peer)
      envelope.shares = shares.get(peer) ?? noShares
      const frame = this.#writer.message(envelope, source, retain, messageExpirySeconds)
      this.#outletTo(peer).send(frame, 1, publisher?.reading)
    }
  }

  /** To a member of a shared subscription that is with this peer. */
  share(
    route: Route,
    key: string,
    peer: PeerId,
    source: PublishSource,
    retain: boolean,
    messageExpirySeconds: number,
    publisher: Connection | undefined,
  ): void {
    const envelope = this.#envelopeOf(route, publisher)
    envelope.subscribers = false
    envelope.shares = [key]
    const frame = this.#writer.message(envelope, source, retain, messageExpirySeconds)
    this.#outletTo(peer).send(frame, 1, publisher?.reading)
  }

  /** For each shared subscription that has no member yet, the process that is next. */
  #chooseShares(route: Route, shares: ReadonlyMap<string, readonly PeerId[]>): ReadonlyMap<PeerId, string[]> {
    const chosen = new Map<PeerId, string[]>()
    this.#turn = (this.#turn + 1) >>> 0
    for (const [key, peers] of shares) {
      if (route.groups.some((group) => group.key === key)) continue
      const peer = peers[this.#turn % peers.length]
      if (peer !== undefined) chosen.set(peer, [...(chosen.get(peer) ?? []), key])
    }
    return chosen
  }

  #envelopeOf(route: Route, publisher: Connection | undefined): Mutable<LiveEnvelope> {
    const envelope = this.#envelope
    envelope.topicBytes = route.topicBytes
    envelope.clientIdBytes = publisher?.session?.clientIdBytes ?? noBytes
    envelope.session = publisher?.session?.number ?? noSession
    envelope.subscribers = true
    envelope.shares = noShares
    return envelope
  }

  #outletTo(peer: PeerId): LiveOutlet {
    let outlet = this.#outlets.get(peer)
    if (outlet === undefined) {
      outlet = new LiveOutlet(this.#parts, peer)
      this.#outlets.set(peer, outlet)
    }
    return outlet
  }

  #left(peer: PeerId): void {
    this.#outlets.get(peer)?.[Symbol.dispose]()
    this.#outlets.delete(peer)
  }
}
