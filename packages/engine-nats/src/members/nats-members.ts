/**
 * The other nodes, and the lanes of those that are no more. Who owns a lane stands in a row; whether the owner lives is
 * known from the bus. Taking a lane over is one write, which also ends what its owner may write as state, and a fence in
 * the lane's stream, which ends what it may append: nobody is waited for, and who was only away can do no harm.
 */
import {
  type Adoption,
  type Bus,
  Floors,
  type Members,
  Orphans,
  type Partition,
  type PartitionRange,
  type PeerChange,
  type PeerId,
  position,
} from '@hawser/engine'
import { type Clock, HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import type { JetStreamClient } from '@nats-io/jetstream'
import { fencedError } from '../fenced-error.ts'
import { type LaneExtent, laneExtent } from '../log/lane-extent.ts'
import { fenceLane } from '../log/lane-fence.ts'
import { laneStream, laneSubject, type NatsLog } from '../log/nats-log.ts'
import type { NatsState } from '../state/nats-state.ts'
import type { Streams } from '../stream/streams.ts'
import { fenced } from './lane-claim.ts'
import {
  allLaneRows,
  decodeLaneRow,
  type FoundLaneRow,
  type LaneRow,
  laneChange,
  laneRow,
  laneTable,
  peersNamedIn,
} from './lane-rows.ts'
import type { Liveness } from './liveness.ts'
import { laneOfPeer } from './peer-name.ts'

export interface NatsMembersOptions {
  readonly bus: Bus
  readonly log: NatsLog
  readonly state: NatsState
  readonly streams: Streams
  readonly jetstream: JetStreamClient
  readonly liveness: Liveness
  readonly prefix: string
  readonly clock: Clock
  /** What our own lane holds of its former lives. */
  readonly inheritance: LaneExtent
  /** Of lanes' owners, those that were found to be no more when we came. */
  readonly gone: readonly PeerId[]
  /** So long nothing is trimmed after a lane was taken over. */
  readonly settleMs: Milliseconds
  readonly onFault: (error: HawserError) => void
}

/** More than a peer may be silent, and than it takes to say what it needs. */
export const settleMsByDefault: Milliseconds = milliseconds(30_000)

const lookEveryMs: Milliseconds = milliseconds(1000)

/** To be called in the turn in which the bus was opened. Resolves once all lanes are followed. */
export async function openNatsMembers(options: NatsMembersOptions): Promise<Members> {
  const members = new NatsMembers(options)
  try {
    await members.start()
    return members
  } catch (error) {
    await members[Symbol.asyncDispose]()
    throw error
  }
}

class NatsMembers implements Members {
  readonly bus: Bus
  readonly #options: NatsMembersOptions
  readonly #stack = new DisposableStack()
  readonly #orphans = new Orphans()
  readonly #floors: Floors
  #rows: readonly FoundLaneRow[] = []
  /** Lives that are over, as long as a row names them. */
  readonly #gone: Set<PeerId>
  /** Lanes that this node is taking over. */
  readonly #adopting = new Set<Partition>()
  /** Nothing is trimmed until then: who has taken sessions over must have said what they need. */
  #settledMs: Milliseconds
  #look: Disposable | undefined
  #isStarted = false
  #isClosed = false

  constructor(options: NatsMembersOptions) {
    this.#options = options
    this.bus = options.bus
    this.#gone = new Set(options.gone)
    const { bus, log, state, clock } = options
    this.#settledMs = clock.monotonicMs()
    this.#floors = this.#stack.use(
      new Floors({
        own: log.own,
        bus,
        isHeld: () => this.#orphans.all.length > 0 || clock.monotonicMs() < this.#settledMs,
        endOf: (lane) => log.foreign.get(lane)?.end,
        trim: (floor) => log.trim(floor),
      }),
    )
    log.onFloor((floor) => this.#floors.speak(floor))
    this.#stack.use(bus.onPeers((change) => this.#peerChanged(change)))
    this.#stack.use(state.onChanged(laneTable, () => this.#learn()))
  }

  async start(): Promise<void> {
    const { state, streams, log, prefix } = this.#options
    await Promise.all(
      (await allLaneRows(state)).map(async ({ lane }) => {
        if (lane !== log.own) log.foreign.open(lane, await laneExtent(streams, laneStream(prefix, lane)))
      }),
    )
    this.#isStarted = true
    this.#learn()
    this.#armLook()
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

  /** Whoever shows no sign of life is fenced off, wherever it is. */
  unreachable(): readonly Partition[] {
    return []
  }

  async adopt(lane: Partition): Promise<Adoption | undefined> {
    const { state, log } = this.#options
    if (!this.#orphans.has(lane) || this.#adopting.has(lane)) return undefined
    this.#adopting.add(lane)
    try {
      const row = await laneRow(state, lane)
      if (row === undefined || !this.#mayAdopt(row)) return this.#release(lane)
      if (lane === log.own) return this.#adoption(row, this.#options.inheritance)
      const taken: LaneRow = { epoch: row.epoch + 1, owner: null, isOrphan: true, adopter: this.bus.self }
      const outcome = await state.write([laneChange(lane, taken, row.revision), ...fenced(row)])
      if (outcome === 'conflict') return this.#release(lane)
      const extent = await this.#fence(lane, taken.epoch)
      await log.foreign.reached(lane, extent.last)
      return this.#adoption(await this.#mustBe(lane), extent)
    } catch (error) {
      this.#adopting.delete(lane)
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#look?.[Symbol.dispose]()
    this.#stack.dispose()
    await this.#leave()
    await this.bus[Symbol.asyncDispose]()
  }

  /** Others need not find out that we are gone; if they must, they will. */
  async #leave(): Promise<void> {
    const { state, log } = this.#options
    try {
      const row = await laneRow(state, log.own)
      if (row?.owner !== this.bus.self) return
      await state.write([laneChange(log.own, { ...row, owner: null, isOrphan: true, adopter: null }, row.revision)])
    } catch (error) {
      this.#options.onFault(asFault(error))
    }
  }

  #release(lane: Partition): undefined {
    this.#adopting.delete(lane)
    return undefined
  }

  #mayAdopt({ lane, owner, adopter, isOrphan }: FoundLaneRow): boolean {
    if (lane === this.#options.log.own) return isOrphan && owner === this.bus.self
    const isOver = (peer: PeerId | null): boolean => peer === null || peer === this.bus.self || this.#gone.has(peer)
    return (isOrphan || owner !== null) && isOver(owner) && isOver(adopter)
  }

  async #fence(lane: Partition, epoch: number): Promise<LaneExtent> {
    const { prefix } = this.#options
    return fenceLane({ ...this.#options, stream: laneStream(prefix, lane), subject: laneSubject(prefix, lane), epoch })
  }

  /** The row as it is now: what we have written, or somebody has taken us for dead. */
  async #mustBe(lane: Partition): Promise<FoundLaneRow> {
    const row = await laneRow(this.#options.state, lane)
    if (row?.adopter === this.bus.self) return row
    throw new HawserError('STATE_FAILED', `lane ${lane} was given to another node meanwhile`, { retryable: true })
  }

  #adoption(row: FoundLaneRow, extent: LaneExtent): Adoption {
    const { state, log } = this.#options
    const { lane, revision, owner, epoch } = row
    let isReleased = false
    const settle = async (isOrphan: boolean): Promise<void> => {
      isReleased = true
      const change = laneChange(lane, { epoch, owner, isOrphan, adopter: null }, revision)
      const outcome = lane === log.own && isOrphan ? 'applied' : await state.write([change])
      this.#adopting.delete(lane)
      this.#orphans.tell()
      if (outcome === 'conflict') throw new HawserError('STATE_FAILED', `lane ${lane} was given to another node`)
    }
    return {
      range: rangeOf(lane, extent),
      done: async () => {
        this.#floors.forget(this.bus.self)
        await settle(false)
      },
      [Symbol.asyncDispose]: async () => {
        if (!isReleased) await settle(true)
      },
    }
  }

  #peerChanged({ kind, peer }: PeerChange): void {
    if (kind === 'joined') {
      this.#options.liveness.forget(peer)
      return
    }
    this.#gone.add(peer)
    this.#judge()
  }

  /** The rows have changed. Until all lanes that were there before us are followed, none is one that was born later. */
  #learn(): void {
    const { log, state } = this.#options
    if (!this.#isStarted || this.#isClosed) return
    const before = this.#rows
    this.#rows = state.peek(laneTable).map(decodeLaneRow)
    for (const row of this.#rows) if (!row.isOrphan) this.#takenOver(before.find(({ lane }) => lane === row.lane))
    for (const { lane, owner } of this.#rows) {
      if (lane !== log.own) log.foreign.discover(lane)
      else if (owner !== this.bus.self) log.fail(fencedError())
    }
    const named = new Set(peersNamedIn(this.#rows))
    for (const peer of this.#gone) if (!named.has(peer)) this.#gone.delete(peer)
    this.#judge()
  }

  /**
   * Who has taken a lane over has sessions since that may need what it did not before. What it says of that comes by
   * another way than the row, a little later, in order; one that is later than `settleMs` is gone.
   */
  #takenOver(before: FoundLaneRow | undefined): void {
    if (before?.isOrphan !== true) return
    for (const peer of [before.adopter, before.owner]) if (peer !== null) this.#floors.forget(peer)
    const { clock, settleMs } = this.#options
    this.#settledMs = milliseconds(clock.monotonicMs() + settleMs)
  }

  /** Which lanes are orphans now. */
  #judge(): void {
    for (const { lane, owner, isOrphan } of this.#rows) {
      if (isOrphan || (owner !== null && this.#gone.has(owner))) this.#orphans.add(lane)
      else this.#orphans.delete(lane)
    }
  }

  #armLook(): void {
    this.#look = this.#options.clock.after(lookEveryMs, () => {
      if (this.#isClosed) return
      void this.#askOwners().finally(() => this.#armLook())
    })
  }

  /** Of owners whom the bus does not know: they are starting, or ended before we came. */
  async #askOwners(): Promise<void> {
    const known = new Set([...this.bus.peers(), this.bus.self, ...this.#gone])
    const unknown = new Set(peersNamedIn(this.#rows).filter((peer) => !known.has(peer)))
    await Promise.all(
      Array.from(unknown, async (peer) => {
        if ((await this.#options.liveness.ask(peer)) === 'gone') this.#gone.add(peer)
      }),
    )
    if (unknown.size > 0 && !this.#isClosed) this.#judge()
    for (const lane of this.#options.log.foreign.awaited()) if (this.#orphans.has(lane)) await this.#end(lane)
  }

  /** What others must wait for is brought to its end, whoever takes it over. */
  async #end(lane: Partition): Promise<void> {
    const { state, log, onFault } = this.#options
    if (this.#adopting.has(lane) || log.foreign.get(lane)?.isEnded === true) return
    try {
      const row = await laneRow(state, lane)
      if (row === undefined || !this.#mayAdopt(row)) return
      const ended: LaneRow = { epoch: row.epoch + 1, owner: null, isOrphan: true, adopter: null }
      const outcome = await state.write([laneChange(lane, ended, row.revision), ...fenced(row)])
      if (outcome === 'applied') await this.#fence(lane, ended.epoch)
    } catch (error) {
      onFault(asFault(error))
    }
  }
}

const rangeOf = (lane: Partition, { start, end, bytes }: LaneExtent): PartitionRange => ({
  partition: lane,
  start: position(start),
  end: position(end),
  bytes,
})

const asFault = (error: unknown): HawserError =>
  error instanceof HawserError ? error : new HawserError('STATE_FAILED', String(error), { cause: error })
