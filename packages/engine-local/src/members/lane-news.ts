/**
 * Tells the other members how far our lane is durable, and hears it of theirs. What is told stands in files already,
 * so nothing is lost where it does not arrive: who missed a part is told the whole.
 */
import type { Bus, PeerId } from '@hawser/engine'
import { decodeLaneState, encodeLaneState, type LaneState } from '../log/foreign/lane-state.ts'
import type { LocalLog } from '../log/local-log.ts'

const channel = 'hawser-lanes'

export interface LaneNewsOptions {
  readonly log: LocalLog
  readonly bus: Bus
  /** Whether our lane waits for us to take over what its last owner left. */
  readonly isInherited: () => boolean
  readonly onNews: (from: PeerId, state: LaneState) => void
}

export class LaneNews implements Disposable {
  readonly #options: LaneNewsOptions
  readonly #stack = new DisposableStack()
  /** Peers whose queue was full: they know less than they were to be told. */
  readonly #behind = new Set<PeerId>()
  #toldStart: number

  constructor(options: LaneNewsOptions) {
    this.#options = options
    const { log, bus, onNews } = options
    this.#toldStart = log.segments.start
    this.#stack.use(
      bus.subscribe(channel, (from, bytes) => {
        const state = decodeLaneState(bytes)
        if (state !== undefined) onNews(from, state)
      }),
    )
    this.#stack.use(
      bus.onPeers(({ kind, peer }) => {
        if (kind === 'joined') this.#tellWhole(peer)
        else this.#behind.delete(peer)
      }),
    )
    this.#stack.use(
      log.onCommit(({ firstTicket }) => {
        if (firstTicket >= 0) this.#tellGrown()
      }),
    )
    for (const peer of bus.peers()) this.#tellWhole(peer)
  }

  /** To be called now and then: tells what changed without a commit, and those who missed something. */
  repeat(): void {
    if (this.#options.log.segments.start !== this.#toldStart) this.#tellGrown()
    for (const peer of [...this.#behind]) this.#tellWhole(peer)
  }

  /** All of our own lane. */
  tellAll(): void {
    for (const peer of this.#options.bus.peers()) this.#tellWhole(peer)
  }

  /** Of a lane that nobody writes. */
  broadcast(state: LaneState): void {
    this.#send(this.#options.bus.peers(), encodeLaneState(state))
  }

  [Symbol.dispose](): void {
    this.#stack.dispose()
  }

  #tellGrown(): void {
    const { active, start } = this.#options.log.segments
    this.#toldStart = start
    const { base, end, dataEnd } = active
    const lane = this.#options.log.own
    const bytes = encodeLaneState({ kind: 'grown', lane, start, extents: [{ base, end, dataEnd }] })
    this.#send(this.#options.bus.peers(), bytes)
  }

  #tellWhole(peer: PeerId): void {
    const { all, start } = this.#options.log.segments
    const extents = all.map(({ base, end, dataEnd }) => ({ base, end, dataEnd }))
    this.#behind.delete(peer)
    const kind = this.#options.isInherited() ? 'inherited' : 'whole'
    this.#send([peer], encodeLaneState({ kind, lane: this.#options.log.own, start, extents }))
  }

  #send(peers: readonly PeerId[], bytes: Buffer): void {
    for (const peer of peers) if (!this.#options.bus.send(peer, channel, bytes)) this.#behind.add(peer)
  }
}
