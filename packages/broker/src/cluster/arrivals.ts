/** QoS 0 that another process forwards: to the receivers of this one, and never on from here. */
import { Decoder, type ProtocolVersion, type PublishFrame } from '@hawser/codec'
import type { PeerId, PublishSource } from '@hawser/engine'
import type { ClientId, SessionNumber } from '@hawser/std'
import type { LivePublisher } from '../delivery/live-publisher.ts'
import type { Route } from '../router/route.ts'
import type { Services } from '../services.ts'
import type { Reading } from '../session/reading.ts'
import type { Cluster } from './cluster.ts'
import type { Holds } from './holds.ts'
import { LiveFrame, LiveParts, liveKind } from './live-frame.ts'

const channel = 'live'

/** Of the frame at hand; asks what it needs only where somebody looks. */
class RemotePublisher implements LivePublisher {
  readonly #holds: Holds
  readonly #frame: LiveFrame
  from: PeerId | undefined
  readonly session: { readonly number: SessionNumber; readonly clientId: string }
  readonly reading = { holdFor: (receiver: Reading): void => this.#hold(receiver) }

  constructor(holds: Holds, frame: LiveFrame) {
    this.#holds = holds
    this.#frame = frame
    this.session = {
      get number() {
        return frame.session
      },
      get clientId() {
        return frame.clientId
      },
    }
  }

  #hold(receiver: Reading): void {
    const { clientId } = this.#frame
    if (this.from === undefined || clientId === '') return
    this.#holds.readingOf(this.from, clientId as ClientId).holdFor(receiver)
  }
}

export class Arrivals {
  readonly #services: Pick<Services, 'router' | 'live' | 'counters'>
  readonly #frame = new LiveFrame()
  readonly #publisher: RemotePublisher
  readonly #parts = new Map<PeerId, LiveParts>()

  constructor(services: Pick<Services, 'router' | 'live' | 'counters'>, cluster: Cluster, holds: Holds) {
    this.#services = services
    this.#publisher = new RemotePublisher(holds, this.#frame)
    cluster.use(cluster.members.bus.subscribe(channel, (from, bytes) => this.#took(from, bytes)))
    cluster.use(cluster.peers.onLeft((peer) => this.#parts.delete(peer)))
  }

  #took(from: PeerId, bytes: Buffer): void {
    if (bytes[1] !== liveKind.part) return this.#arrived(from, bytes)
    const parts = this.#parts.get(from) ?? new LiveParts()
    this.#parts.set(from, parts)
    const whole = parts.add(bytes)
    if (whole !== undefined) this.#arrived(from, whole)
  }

  #arrived(from: PeerId, bytes: Buffer): void {
    const frame = this.#frame
    if (!frame.moveTo(bytes)) return
    this.#publisher.from = from
    const { router, live, counters } = this.#services
    const { topicStart, topicEnd, payloadStart, payloadEnd } = frame
    const known = router.find(bytes, topicStart, topicEnd) ?? router.create(bytes, topicStart, topicEnd)
    const route = router.resolve(known)
    if (frame.kind === liveKind.message) {
      counters.publishesFromPeers++
      return this.#message(route, frame, frame.retain, frame.messageExpirySeconds)
    }
    const { count, payloadBytes } = frame
    counters.publishesFromPeers += count
    if (route.uniform === (frame.kind === liveKind.v5Run ? 'v5' : 'plain')) {
      return live.runHere(route, bytes, payloadStart, payloadEnd, count, payloadBytes, this.#publisher)
    }
    this.#oneByOne(route, frame)
  }

  /** Receivers that differ, or a tap, take no run. */
  #oneByOne(route: Route, frame: LiveFrame): void {
    const version: ProtocolVersion = frame.kind === liveKind.v5Run ? 5 : 4
    const decoder = new Decoder({
      packetBytesMax: frame.buffer.length,
      receives: 'from-client',
      version,
      topicCheck: 'caller',
    })
    decoder.feed(frame.buffer, frame.payloadStart, frame.payloadEnd, {
      publish: (packet: PublishFrame) => this.#message(route, packet, false, -1),
      acknowledgement: () => undefined,
      control: () => undefined,
    })
  }

  #message(route: Route, source: PublishSource, retain: boolean, messageExpirySeconds: number): void {
    const { live } = this.#services
    const { subscribers, shares } = this.#frame
    if (shares.length > 0) {
      const groups = route.groups.filter(({ key }) => shares.includes(key))
      live.shareHere(route, groups, source, retain, messageExpirySeconds, this.#publisher)
    }
    if (!subscribers) return
    live.messageHere(route, source, retain, messageExpirySeconds, this.#publisher)
    const { buffer, payloadStart, payloadEnd } = source
    for (const tap of route.taps) {
      tap.message(route.topic, { buffer, payloadStart, payloadEnd, qos: 0, retain, record: undefined })
    }
  }
}
