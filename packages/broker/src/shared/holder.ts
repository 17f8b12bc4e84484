/**
 * What one session has been handed over the bus, as the process sees it that handed it over. A hand-over at QoS 1 is
 * open until it is acknowledged, at QoS 2 until the session's own process has it in its log.
 */
import type { PeerId } from '@hawser/engine'
import { placeKey } from '../journal/session-state.ts'
import type { Group } from './group.ts'
import type { Place } from './places.ts'

interface HandOver {
  readonly place: Place
  readonly qos: 1 | 2
}

export class Holder {
  readonly group: Group
  /** The process that its connection is with; undefined: this one. */
  readonly peer: PeerId | undefined
  /** By which that process knows it. */
  readonly id: number
  readonly #open = new Map<string, HandOver>()
  /** Handed over and not acknowledged. */
  outstanding = 0
  /** It has given something back because it takes nothing now. */
  full = false
  /** It is a member no more. */
  gone = false

  constructor(group: Group, peer: PeerId | undefined, id: number) {
    this.group = group
    this.peer = peer
    this.id = id
  }

  get openCount(): number {
    return this.#open.size
  }

  *open(): Iterable<HandOver> {
    yield* this.#open.values()
  }

  handOver(place: Place, qos: 1 | 2): void {
    this.#open.set(placeKey(place.partition, place.position), { place, qos })
    this.outstanding++
    this.group.inflight++
    this.group.handedTo.add(this)
  }

  /** Answers whether it was open: nobody else has to be given it. */
  close({ partition, position }: Place): boolean {
    if (!this.#open.delete(placeKey(partition, position))) return false
    this.group.inflight--
    if (this.#open.size === 0) this.group.handedTo.delete(this)
    return true
  }

  acknowledged(): void {
    this.outstanding = Math.max(0, this.outstanding - 1)
  }
}
