/**
 * A host with several processes on one log, all of it in the memory of one: what is durable outlives the processes,
 * and when each of them does what is up to the schedule. So a test decides what is durable when a process dies, which
 * message comes first, and who hears of a commit when; a seeded schedule replays it exactly.
 */
import { HawserError, type Random, seededRandom } from '@hawser/std'
import type { PeerId } from '../bus.ts'
import type { MessageLog } from '../log.ts'
import { type LogId, type Partition, partition } from '../log.ts'
import type { Members } from '../members.ts'
import { createMemoryState } from '../memory/memory-state.ts'
import type { StateStore } from '../state.ts'
import { Lane } from './lane.ts'
import { LaneView } from './lane-view.ts'
import { Lease } from './lease.ts'
import { SimulatedBuses } from './simulated-bus.ts'
import { type Durability, SimulatedLog } from './simulated-log.ts'
import { SimulatedMembers } from './simulated-members.ts'
import { diskFull, SimulatedState } from './simulated-state.ts'
import { type SimulatedSchedule, Turns } from './turns.ts'

export interface SimulatedHostOptions {
  /** Names the log, and says how much of what a dying process has sent is lost with it. */
  readonly random?: Random
  /** By default each turn is one of the event loop. */
  readonly schedule?: SimulatedSchedule
  /** Retention allows to delete what lies below the floor of all living processes. By default nothing is deleted. */
  readonly forgets?: boolean
  /**
   * Log and state are on servers, and the processes on hosts of their own: what one appends is durable once a quorum
   * has it, and one that is silent for too long is not ended but fenced. By default all is on one host.
   */
  readonly servers?: boolean
  /** Servers that do not keep a rule, for those who must notice it. */
  readonly flaw?: 'acknowledges before its quorum' | 'ignores leases'
}

/** One process. Disposing it is a clean end; its lane is then left to whoever adopts it. */
export interface SimulatedMember extends AsyncDisposable {
  readonly id: PeerId
  readonly log: MessageLog
  readonly state: StateStore
  readonly members: Members
  readonly status: 'running' | 'frozen' | 'dead'
  /**
   * SIGKILL: what is not durable is gone, and so may be what was on its way to others. Calls under way reject, and so
   * do later ones: they do nothing.
   */
  crash(): void
  /** Nothing comes to it any more, until it thaws or crashes. */
  freeze(): void
  thaw(): void
  /** It runs, and nothing comes to it from servers and others, nor to them from it, until it is mended. */
  cut(): void
  mend(): void
  /** On servers: others take over what it has. What it still proposes is refused, and its log fails once it hears of it. */
  fence(): void
}

export interface SimulatedHost {
  /** A new process, on the lowest lane that nobody holds. */
  start(): SimulatedMember
  /** While it is full nothing can be appended or written. */
  setDiskFull(full: boolean): void
  /** The server that leads is gone for good, and another leads. */
  loseLeader(): void
}

export const createSimulatedHost = (options: SimulatedHostOptions = {}): SimulatedHost => new Host(options)

interface Process {
  readonly id: PeerId
  readonly lane: Lane
  readonly view: LaneView
  readonly turns: Turns
  readonly lease: Lease
  readonly log: SimulatedLog
  readonly state: SimulatedState
  readonly members: SimulatedMembers
  isFenced: boolean
}

class Host implements SimulatedHost {
  readonly #random: Random
  readonly #schedule: SimulatedSchedule
  readonly #forgets: boolean
  readonly #durability: Durability
  readonly #ignoresLeases: boolean
  readonly #id: LogId
  readonly #lanes: Lane[] = []
  readonly #rows = createMemoryState()
  readonly #buses = new SimulatedBuses()
  readonly #living = new Set<Process>()
  readonly #lanesOfPeers = new Map<PeerId, Partition>()
  #started = 0
  #diskIsFull = false

  constructor({ random = seededRandom(1), schedule, forgets = false, servers = false, flaw }: SimulatedHostOptions) {
    this.#random = random
    this.#schedule = schedule ?? ((_turn, run) => setImmediate(run))
    this.#forgets = forgets
    this.#durability = flaw === 'acknowledges before its quorum' ? 'early' : servers ? 'quorum' : 'disk'
    this.#ignoresLeases = flaw === 'ignores leases'
    this.#id = `simulated-${Buffer.from(random.bytes(8)).toString('hex')}` as LogId
  }

  start(): SimulatedMember {
    const process = this.#process(`process-${++this.#started}` as PeerId, this.#freeLane())
    const { id, turns, log, state, members } = process
    const end = (error: HawserError, losing?: Random): void => {
      if (!this.#living.delete(process)) return
      log.fail(error)
      turns.end(error)
      this.#leaveLanes(process)
      members.leave(losing)
    }
    return {
      id,
      log,
      state,
      members,
      get status() {
        return turns.status
      },
      crash: () => end(new HawserError('LOG_FAILED', `${id} is dead`), this.#random),
      freeze: () => turns.freeze(),
      thaw: () => turns.thaw(),
      cut: () => turns.cut(),
      mend: () => turns.mend(),
      fence: () => this.#fence(process),
      [Symbol.asyncDispose]: async () => {
        await log[Symbol.asyncDispose]()
        await state[Symbol.asyncDispose]()
        end(new HawserError('LOG_CLOSED', `${id} has ended`))
      },
    }
  }

  setDiskFull(full: boolean): void {
    this.#diskIsFull = full
    for (const { turns, log } of this.#living) {
      turns.atOnce(() => log.setStatus(full ? { kind: 'full', error: diskFull() } : { kind: 'open' }))
    }
  }

  loseLeader(): void {
    for (const { log } of this.#living) log.leaderLost()
  }

  #fence(process: Process): void {
    const { turns, lease, log, members } = process
    if (process.isFenced) return
    this.#leaveLanes(process)
    process.isFenced = true
    members.fence(this.#random)
    if (this.#ignoresLeases) return
    lease.isOver = true
    turns.take('lease', () => log.setStatus({ kind: 'failed', error: lease.error() }))
  }

  /** What it holds is free, and its own lane is left to whoever takes it over. */
  #leaveLanes({ turns, lane, isFenced }: Process): void {
    if (isFenced) return
    for (const one of this.#lanes) {
      if (one.holder === turns) one.holder = undefined
      if (one.adopter === turns) one.adopter = undefined
    }
    lane.orphaned = true
  }

  #process(id: PeerId, lane: Lane): Process {
    const turns = new Turns(id, this.#schedule)
    const lease = new Lease(id)
    lane.holder = turns
    // Who starts on a lane recovers its tail first.
    lane.toldEnd = lane.durableEnd
    this.#lanesOfPeers.set(id, lane.partition)
    const view = new LaneView()
    for (const known of this.#lanes) view.open(known)
    const laneOf = (of: Partition): Lane | undefined => this.#lanes[of]
    const log = new SimulatedLog({
      id: this.#id,
      lane,
      view,
      turns,
      lease,
      durability: this.#durability,
      laneOf,
      tellOthers: () => this.#tellAll(lane),
      floorChanged: () => this.#forget(),
    })
    if (this.#diskIsFull) log.setStatus({ kind: 'full', error: diskFull() })
    const members = new SimulatedMembers(
      {
        bus: this.#buses.join(id, turns),
        turns,
        lease,
        holder: turns,
        lanesOfPeers: this.#lanesOfPeers,
        laneOf,
        recovered: (orphan) => this.#recovered(orphan, view),
        adopted: (orphan) => this.#adopted(orphan),
      },
      this.#lanes.filter(({ orphaned }) => orphaned).map((orphan) => orphan.partition),
    )
    const state = new SimulatedState(this.#rows, turns, lease, () => this.#diskIsFull)
    const process = { id, lane, view, turns, lease, log, state, members, isFenced: false }
    this.#living.add(process)
    for (const other of this.#living) if (other !== process) other.turns.take('told', () => other.view.discover(lane))
    return process
  }

  #freeLane(): Lane {
    const free = this.#lanes.find(({ holder }) => holder === undefined)
    if (free !== undefined) return free
    const born = new Lane(partition(this.#lanes.length))
    this.#lanes.push(born)
    return born
  }

  /** Each process learns in a turn of its own how far a lane is durable. */
  #tellAll(lane: Lane): void {
    const end = lane.toldEnd
    for (const { turns, view, log } of this.#living) {
      if (log.own === lane.partition) continue
      turns.take('told', () => {
        view.told(lane, end)
        log.handOverOthers()
      })
    }
  }

  #recovered(lane: Lane, adopter: LaneView): void {
    lane.toldEnd = lane.durableEnd
    adopter.told(lane, lane.durableEnd)
    this.#tellAll(lane)
  }

  #adopted(lane: Lane): void {
    lane.orphaned = false
    for (const { turns, members } of this.#living) {
      if (lane.holder === turns) members.adopted(lane.partition)
      else turns.take('told', () => !lane.orphaned && members.adopted(lane.partition))
    }
  }

  /** A lane is its owner's to shorten. */
  #forget(): void {
    if (!this.#forgets) return
    const floors = Array.from(this.#living, ({ log }) => log.floor)
    for (const { lane } of this.#living) {
      lane.forgetBelow(Math.min(...floors.map((floor) => floor.get(lane.partition) ?? 0)))
    }
  }
}
