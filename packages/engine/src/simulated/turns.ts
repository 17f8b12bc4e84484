/**
 * What one process of a simulated host does comes in turns that the host's schedule gives it: none comes while the
 * process is frozen, and none after its death.
 */
import type { HawserError } from '@hawser/std'
import type { PeerId } from '../bus.ts'

export interface SimulatedTurn {
  readonly peer: PeerId
  /**
   * `commit`: what was appended becomes durable; `told`: the process hears of a commit, its own or another's;
   * `message`: all that one peer has sent to it arrives; `state`, `read`, `adoption`: a step of such a call;
   * `quorum`: what was appended has come to a quorum of servers; `lease`: it hears that its lease is over.
   */
  readonly kind: 'commit' | 'quorum' | 'told' | 'message' | 'state' | 'read' | 'adoption' | 'lease'
}

/** Runs each turn once, when it likes and in the order that it likes, but never inside the call. */
export type SimulatedSchedule = (turn: SimulatedTurn, run: () => void) => void

export class Turns {
  readonly #peer: PeerId
  readonly #schedule: SimulatedSchedule
  readonly #held: (() => void)[] = []
  readonly #awaited = new Set<(reason: HawserError) => void>()
  #frozen = false
  #isCut = false
  #death: HawserError | undefined

  constructor(peer: PeerId, schedule: SimulatedSchedule) {
    this.#peer = peer
    this.#schedule = schedule
  }

  get status(): 'running' | 'frozen' | 'dead' {
    if (this.#death !== undefined) return 'dead'
    return this.#frozen ? 'frozen' : 'running'
  }

  take(kind: SimulatedTurn['kind'], run: () => void): void {
    this.#schedule({ peer: this.#peer, kind }, () => this.atOnce(run))
  }

  /** Without a turn of its own, unless the process is frozen, or cut off. */
  atOnce(run: () => void): void {
    if (this.#frozen || this.#isCut) this.#held.push(() => this.atOnce(run))
    else if (this.#death === undefined) run()
  }

  /** Rejects once the process is dead. */
  next(kind: SimulatedTurn['kind']): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (this.#death !== undefined) {
      reject(this.#death)
      return promise
    }
    this.#awaited.add(reject)
    this.take(kind, () => {
      this.#awaited.delete(reject)
      resolve()
    })
    return promise
  }

  freeze(): void {
    this.#frozen = true
  }

  thaw(): void {
    this.#frozen = false
    this.#goOn()
  }

  /** It runs, and nothing comes to it or leaves it. */
  cut(): void {
    this.#isCut = true
  }

  mend(): void {
    this.#isCut = false
    this.#goOn()
  }

  end(reason: HawserError): void {
    this.#death ??= reason
    this.#frozen = false
    this.#held.length = 0
    for (const reject of this.#awaited) reject(reason)
    this.#awaited.clear()
  }

  #goOn(): void {
    for (const turn of this.#held.splice(0)) turn()
  }
}
