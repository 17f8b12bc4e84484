/** The other processes of the data folder, and the lanes of those that are no more. */
import type { Adoption, Bus, Members, Partition, PeerId } from '@hawser/engine'
import { type Clock, disposable, type HawserError, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import type { LaneState } from '../log/foreign/lane-state.ts'
import { lanesOnDisk, surveyLane } from '../log/foreign/survey.ts'
import type { LocalLog } from '../log/local-log.ts'
import { LaneNews } from './lane-news.ts'
import { laneOfPeer } from './peer-name.ts'

export interface LocalMembersOptions {
  readonly log: LocalLog
  readonly bus: Bus
  readonly clock: Clock
  readonly silentMsMax?: Milliseconds
  readonly onFault: (error: HawserError) => void
}

/** A peer of which nothing was heard for so long is ended by the others. */
const silentMsMaxByDefault: Milliseconds = milliseconds(5000)
const beatsPerSilence = 5

/** To be called in the turn in which the bus was opened. Resolves once the lanes of all peers that answer are known. */
export async function openLocalMembers(options: LocalMembersOptions): Promise<Members> {
  const members = new LocalMembers(options)
  await members.start()
  return members
}

class LocalMembers implements Members {
  readonly bus: Bus
  readonly #options: LocalMembersOptions
  readonly #silentMsMax: Milliseconds
  readonly #news: LaneNews
  readonly #orphanListeners = new Set<() => void>()
  #onNews: (() => void) | undefined
  #beat: Disposable | undefined

  constructor(options: LocalMembersOptions) {
    this.#options = options
    this.bus = options.bus
    this.#silentMsMax = options.silentMsMax ?? silentMsMaxByDefault
    const { log, bus } = options
    this.#news = new LaneNews({ log, bus, onNews: (from, state) => this.#hear(from, state) })
  }

  async start(): Promise<void> {
    const { log, clock } = this.#options
    await this.#knowsPeers(clock)
    for (const lane of lanesOnDisk(log.folder)) {
      if (lane !== log.own && log.foreign.get(lane) === undefined)
        log.foreign.learn(surveyLane(log.folder, lane, log.id))
    }
    log.foreign.started()
    this.#tick()
  }

  partitionOf(peer: PeerId): Partition | undefined {
    return this.bus.peers().includes(peer) ? laneOfPeer(peer) : undefined
  }

  orphans(): readonly Partition[] {
    return []
  }

  onOrphans(listener: () => void): Disposable {
    this.#orphanListeners.add(listener)
    return disposable(() => this.#orphanListeners.delete(listener))
  }

  adopt(_partition: Partition): Promise<Adoption | undefined> {
    return Promise.resolve(undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#beat?.[Symbol.dispose]()
    this.#news[Symbol.dispose]()
    await this.bus[Symbol.asyncDispose]()
  }

  /** Waits until each peer has told its lane, or is silent for too long. */
  async #knowsPeers(clock: Clock): Promise<void> {
    const { foreign } = this.#options.log
    const isKnown = (peer: PeerId): boolean => {
      const lane = laneOfPeer(peer)
      return lane === undefined || foreign.get(lane) !== undefined
    }
    const allKnown = new Promise<void>((resolve) => {
      const check = (): void => {
        if (this.bus.peers().every(isKnown)) resolve()
      }
      this.#onNews = check
      check()
    })
    const done = new AbortController()
    using _left = this.bus.onPeers(() => this.#onNews?.())
    await Promise.race([allKnown, sleep(clock, this.#silentMsMax, done.signal).catch(() => undefined)])
    done.abort()
    this.#onNews = undefined
  }

  #hear(_from: PeerId, state: LaneState): void {
    this.#options.log.foreign.learn(state)
    this.#onNews?.()
  }

  readonly #tick = (): void => {
    this.#news.repeat()
    this.#beat = this.#options.clock.after(milliseconds(this.#silentMsMax / beatsPerSilence), this.#tick)
  }
}
