/** The other processes of the data folder, and the lanes of those that are no more. */
import {
  type Adoption,
  Floors,
  type Members,
  Orphans,
  type Partition,
  type PartitionRange,
  type PeerChange,
  type PeerId,
} from '@hawser/engine'
import { type Clock, type HawserError, type Milliseconds, milliseconds, sleep } from '@hawser/std'
import type { LocalBus } from '../bus/local-bus.ts'
import type { EndProcess } from '../lock/end-process.ts'
import { laneOwner, lockLane } from '../lock/lane-lock.ts'
import { activityOf, type ProcessIdentity } from '../lock/process-identity.ts'
import { endsLane } from '../log/foreign/foreign-lane.ts'
import type { LaneState } from '../log/foreign/lane-state.ts'
import { lanesOnDisk, surveyLane } from '../log/foreign/survey.ts'
import type { LocalLog } from '../log/local-log.ts'
import { fenceLane } from './fence.ts'
import { endLane, LaneAdoption, type LaneAdoptionOptions, rangeOf } from './lane-adoption.ts'
import { LaneNews } from './lane-news.ts'
import { laneOfPeer, pidOfPeer } from './peer-name.ts'
import { Pulse, silencesWhileAtWork } from './pulse.ts'
import { Unreachable } from './unreachable.ts'

export interface LocalMembersOptions {
  /** The data folder. */
  readonly folder: string
  readonly log: LocalLog
  readonly bus: LocalBus
  readonly clock: Clock
  readonly silentMsMax?: Milliseconds
  readonly end: EndProcess
  readonly onFault: (error: HawserError) => void
}

/** A peer of which nothing was heard for so long is ended by the others. */
export const silentMsMaxByDefault: Milliseconds = milliseconds(8000)

/** To be called in the turn in which the bus was opened. Resolves once the lanes of all peers that answer are known. */
export async function openLocalMembers(options: LocalMembersOptions): Promise<Members> {
  const members = new LocalMembers({ silentMsMax: silentMsMaxByDefault, ...options })
  try {
    await members.start()
    return members
  } catch (error) {
    await members[Symbol.asyncDispose]()
    throw error
  }
}

class LocalMembers implements Members {
  readonly bus: LocalBus
  readonly #options: Required<LocalMembersOptions>
  readonly #stack = new DisposableStack()
  readonly #orphans = new Orphans()
  readonly #news: LaneNews
  readonly #floors: Floors
  readonly #unreachable: Unreachable
  /** Peers that have told the whole of their lane. */
  readonly #told = new Set<PeerId>()
  /** Lanes that are being read to their end, without being taken over. */
  readonly #ending = new Map<Partition, Promise<void>>()
  readonly #adoptions = new Set<LaneAdoption>()
  /** What our own lane held when it was opened. */
  readonly #inheritance: PartitionRange
  #isInheriting = false
  #onNews: (() => void) | undefined
  #isClosed = false

  constructor(options: Required<LocalMembersOptions>) {
    this.#options = options
    this.bus = options.bus
    const [inheritance] = options.log.partitions()
    if (inheritance === undefined) throw new RangeError('a log has a partition of its own')
    this.#inheritance = inheritance
    if (options.log.isOrphan) this.#orphans.add(options.log.own)
    const { log, bus, clock, silentMsMax } = options
    this.#stack.use(bus.onPeers((change) => this.#peerChanged(change)))
    this.#news = this.#stack.use(
      new LaneNews({
        log,
        bus,
        isInherited: () => this.#orphans.has(log.own),
        onNews: (from, state) => this.#hear(from, state),
      }),
    )
    this.#unreachable = new Unreachable({
      hasOwner: (lane) => this.#hasOwner(lane),
      isFree: (lane) => this.#isFree(lane),
      onFault: options.onFault,
      onFree: (lane) => this.#freed(lane),
    })
    this.#floors = this.#stack.use(
      new Floors({
        own: log.own,
        bus,
        isHeld: () => this.#orphans.all.length > 0,
        endOf: (lane) => log.foreign.get(lane)?.end,
        trim: (floor) => log.trim(floor),
      }),
    )
    log.onFloor((floor) => this.#floors.speak(floor))
    const onSilent = (peer: PeerId): void => this.#end(peer)
    this.#stack.use(
      new Pulse({
        bus,
        clock,
        silentMsMax,
        activityOf: (peer) => {
          const owner = this.#processOf(peer)
          return owner && activityOf(owner)
        },
        onSilent,
        onBeat: () => this.#beat(),
      }),
    )
  }

  async start(): Promise<void> {
    const { log } = this.#options
    await this.#knowPeers()
    for (const lane of lanesOnDisk(log.folder)) {
      if (lane !== log.own && log.foreign.get(lane) === undefined) this.#survey(lane)
    }
    log.foreign.started()
  }

  partitionOf(peer: PeerId): Partition | undefined {
    return this.bus.peers().includes(peer) ? laneOfPeer(peer) : undefined
  }

  orphans(): readonly Partition[] {
    return this.#orphans.all
  }

  onOrphans(listener: () => void): Disposable {
    return this.#orphans.onChange(listener)
  }

  unreachable(): readonly Partition[] {
    return this.#unreachable.all
  }

  async adopt(lane: Partition): Promise<Adoption | undefined> {
    const { log } = this.#options
    if (lane === log.own) return this.#inherit()
    if (this.#unreachable.has(lane)) return undefined
    await this.#ending.get(lane)
    const lock = await this.#fence(lane)
    if (lock === undefined) return undefined
    const state = this.#endUnder(lock, lane)
    if (state.kind === 'taken over') {
      lock[Symbol.dispose]()
      return undefined
    }
    const adoption = this.#hold({
      folder: log.folder,
      range: rangeOf(state),
      onDone: () => this.#tell({ ...state, kind: 'taken over' }),
      onRelease: (isDone) => {
        lock[Symbol.dispose]()
        if (!isDone) this.#tell(state)
      },
    })
    await log.foreign.caughtUp(lane)
    return adoption
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (const adoption of this.#adoptions) await adoption[Symbol.asyncDispose]()
    this.#stack.dispose()
    await this.bus[Symbol.asyncDispose]()
  }

  /** Waits until each peer has told its lane, or is silent for too long. */
  async #knowPeers(): Promise<void> {
    const { log, clock, silentMsMax } = this.#options
    const isKnown = (peer: PeerId): boolean => {
      const lane = laneOfPeer(peer)
      return lane === undefined || log.foreign.get(lane) !== undefined
    }
    const allKnown = new Promise<void>((resolve) => {
      this.#onNews = () => this.bus.peers().every(isKnown) && resolve()
      this.#onNews()
    })
    const done = new AbortController()
    await Promise.race([allKnown, sleep(clock, silentMsMax, done.signal).catch(() => undefined)])
    done.abort()
    this.#onNews = undefined
  }

  /** What the last owner of our own lane left: the lock is ours, and the tail was recovered when the log was opened. */
  #inherit(): Adoption | undefined {
    const { log } = this.#options
    if (!this.#orphans.has(log.own) || this.#isInheriting) return undefined
    this.#isInheriting = true
    return this.#hold({
      folder: log.folder,
      range: this.#inheritance,
      onDone: () => {
        this.#orphans.delete(log.own)
        this.#floors.forget(this.bus.self)
        this.#news.tellAll()
      },
      onRelease: () => {
        this.#isInheriting = false
        this.#orphans.tell()
      },
    })
  }

  #hold(options: LaneAdoptionOptions): Adoption {
    const adoption = new LaneAdoption({
      ...options,
      onRelease: (isDone) => {
        this.#adoptions.delete(adoption)
        options.onRelease(isDone)
      },
    })
    this.#adoptions.add(adoption)
    return adoption
  }

  #hasOwner(lane: Partition): boolean {
    return this.bus.peers().some((peer) => laneOfPeer(peer) === lane)
  }

  #peerChanged({ kind, peer }: PeerChange): void {
    const lane = laneOfPeer(peer)
    if (lane === undefined) return
    this.#onNews?.()
    this.#unreachable.delete(lane)
    if (kind === 'joined') return
    this.#told.delete(peer)
    if (lane === this.#options.log.own) return
    const heirs = this.bus.peers().filter((other) => laneOfPeer(other) === lane)
    if (heirs.length === 0) this.#survey(lane)
    // An heir has joined ahead of the word that its predecessor is gone: whether it has taken over it is still to tell.
    else if (!heirs.some((heir) => this.#told.has(heir))) this.#orphans.add(lane)
  }

  #hear(from: PeerId, state: LaneState): void {
    if (state.lane === laneOfPeer(from) && state.kind !== 'grown') this.#told.add(from)
    this.#learn(from, state)
    this.#onNews?.()
  }

  /** What a lane that nobody owns has come to, for all. */
  #tell(state: LaneState): void {
    this.#news.broadcast(state)
    this.#learn(this.bus.self, state)
  }

  #learn(from: PeerId, state: LaneState): void {
    const { lane, kind } = state
    // An end is heard of an owner of whom we know that it lives: we look when we are told that it has left.
    if (endsLane(state) && this.#hasOwner(lane)) return
    this.#options.log.foreign.learn(state)
    switch (kind) {
      case 'grown':
      case 'left':
        return
      case 'inherited':
        return this.#orphans.add(lane)
      case 'whole':
      case 'taken over':
        this.#floors.forget(from)
        return this.#orphans.delete(lane)
      case 'ended':
        return this.#orphans.tell()
      default:
        throw kind satisfies never
    }
  }

  /** Looks at a lane without an owner as it lies on the disk. */
  #survey(lane: Partition): void {
    const { log } = this.#options
    const state = surveyLane(log.folder, lane, log.id)
    log.foreign.learn(state)
    if (state.kind !== 'taken over' && !this.#hasOwner(lane)) this.#orphans.add(lane)
  }

  /** Ends a peer that has fallen silent: frozen it would hold locks, and thawed do harm. */
  #end(peer: PeerId): void {
    const lane = laneOfPeer(peer)
    const owner = this.#processOf(peer)
    if (lane === undefined || owner === undefined) return
    const outcome = this.#options.end(owner, this.#options.silentMsMax)
    if (outcome.kind === 'refused') this.#unreachable.refused(lane, owner, outcome.why)
  }

  #processOf(peer: PeerId): ProcessIdentity | undefined {
    const lane = laneOfPeer(peer)
    const owner = lane === undefined ? undefined : laneOwner(this.#options.folder, lane)
    return owner?.pid === pidOfPeer(peer) ? owner : undefined
  }

  #beat(): void {
    this.#news.repeat()
    this.#unreachable.beat()
    // What others must wait for is read to its end, whoever takes it over.
    for (const lane of this.#options.log.foreign.awaited()) if (this.#orphans.has(lane)) this.#endOrphan(lane)
  }

  #isFree(lane: Partition): boolean {
    const answer = lockLane(this.#options.folder, lane)
    if (answer.kind === 'locked') answer.lock[Symbol.dispose]()
    return answer.kind === 'locked'
  }

  #freed(lane: Partition): void {
    if (this.#orphans.has(lane)) this.#orphans.tell()
    else this.#survey(lane)
  }

  #endOrphan(lane: Partition): void {
    if (this.#ending.has(lane) || this.#unreachable.has(lane) || this.#options.log.foreign.get(lane)?.isEnded === true)
      return
    const ending = this.#tryToEnd(lane)
      .catch((error) => this.#options.onFault(error))
      .finally(() => this.#ending.delete(lane))
    this.#ending.set(lane, ending)
  }

  async #tryToEnd(lane: Partition): Promise<void> {
    const lock = await this.#fence(lane)
    if (lock === undefined) return
    const state = this.#endUnder(lock, lane)
    lock[Symbol.dispose]()
    // Once more, for those who wanted to adopt it meanwhile.
    this.#tell(state)
  }

  #endUnder(lock: Disposable, lane: Partition): LaneState {
    try {
      const state = endLane(this.#options.log, lane)
      this.#tell(state)
      return state
    } catch (error) {
      lock[Symbol.dispose]()
      throw error
    }
  }

  /** The lane's lock; undefined where another process is at the lane, or has been, or this one is. */
  async #fence(lane: Partition): Promise<Disposable | undefined> {
    const { folder, clock, silentMsMax, end } = this.#options
    // Who has the lock and is no peer yet is starting: it loads its state, and reads what its predecessor left.
    const patienceMs = milliseconds(silentMsMax * silencesWhileAtWork)
    const isMember = ({ pid }: ProcessIdentity): boolean =>
      pid === process.pid || this.bus.peers().some((peer) => pidOfPeer(peer) === pid)
    const isOrphan = (): boolean => this.#orphans.has(lane) && !this.#isClosed
    const outcome = await fenceLane(lane, { folder, clock, patienceMs, isMember, isOrphan, end })
    if (outcome.kind === 'refused') this.#unreachable.refused(lane, outcome.owner, outcome.why)
    return outcome.kind === 'locked' ? outcome.lock : undefined
  }
}
