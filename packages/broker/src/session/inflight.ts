/**
 * Messages sent to one client and not yet acknowledged (lever: in-flight state in typed arrays). A packet id is a
 * slot's number plus one; free slots are a stack. Nothing is allocated before the first QoS 1 delivery.
 */
import type { Partition, Position } from '@hawser/engine'
import type { Place } from '../shared/places.ts'
import type { ShareOwner } from '../shared/share-owner.ts'

export const inflightState = {
  free: 0,
  /** QoS 1, PUBLISH sent. [MQTT-4.3.2-3] */
  published: 1,
  /** QoS 2, PUBLISH sent or about to be. [MQTT-4.3.3-3] */
  assigned: 2,
  /** QoS 2, PUBREC received: PUBREL is sent, or about to be. [MQTT-4.3.3-5] */
  received: 3,
} as const
export type InflightState = (typeof inflightState)[keyof typeof inflightState]

/** One message in flight as a value: for the journal, and for sending again. */
export interface InflightMessage {
  readonly packetId: number
  readonly state: InflightState
  readonly partition: Partition
  readonly position: Position
  /** It came from the retained view: its position says nothing about the cursor. */
  readonly retained: boolean
  /**
   * Identifiers that it was sent with; they and the message stay through UNSUBSCRIBE [MQTT-3.10.4-3]
   * v3.1.1 [MQTT-3.10.4-3].
   */
  readonly identifiers?: readonly number[]
  /** The shared subscription that it is a share of, by its filter. */
  readonly shared?: string
}

const initialSlots = 32
/** Above all turns. */
const unsentFrom = 2 ** 50

export class Inflight {
  #states = new Uint8Array(initialSlots)
  #retained = new Uint8Array(initialSlots)
  #partitions = new Uint16Array(initialSlots)
  #positions = new Float64Array(initialSlots)
  /** When it was sent, or its PUBREC received: counted; from `unsentFrom` on when it was assigned. */
  #turns = new Float64Array(initialSlots)
  #turn = 0
  #removed = 0
  #free = new Uint16Array(initialSlots)
  #freeCount = 0
  /** Slots from here on were never used. */
  #fresh = 0
  #count = 0
  readonly #identifiers = new Map<number, readonly number[]>()
  /** By slot, whom a message is a share of; empty until there is one. */
  readonly #owners: (ShareOwner | undefined)[] = []
  #sharedCount = 0
  /** Filters of shares that a journal or a row tells of: they have no group to go back to. */
  readonly #restoredShares = new Map<number, string>()

  get count(): number {
    return this.#count
  }

  /** Grows with every change. */
  get changes(): number {
    return this.#turn + this.#removed
  }

  /**
   * Takes a packet id for a message: a free one [MQTT-2.2.1-4] [MQTT-4.3.2-1] [MQTT-4.3.3-1]
   * v3.1.1 [MQTT-2.3.1-4] [MQTT-4.3.2-1]. The caller keeps the count below 65,535, and says when a QoS 2 message is
   * `sent`.
   */
  add(
    state: InflightState,
    partition: Partition,
    position: Position,
    retained: boolean,
    identifiers: readonly number[] | undefined,
    owner?: ShareOwner | undefined,
  ): number {
    const slot = this.#freeCount > 0 ? (this.#free[--this.#freeCount] ?? 0) : this.#freshSlot()
    this.#fill(slot, state, partition, position, retained, identifiers)
    if (state === inflightState.assigned) this.#turns[slot] = (this.#turns[slot] ?? 0) + unsentFrom
    if (owner !== undefined) {
      this.#owners[slot] = owner
      this.#sharedCount++
      owner.begun++
      if (state === inflightState.published) owner.inflight++
    }
    return slot + 1
  }

  /** Puts back what a journal or a row says. */
  restore(message: InflightMessage): void {
    const slot = message.packetId - 1
    while (this.#fresh <= slot) this.#push(this.#freshSlot())
    const at = this.#free.subarray(0, this.#freeCount).indexOf(slot)
    if (at < 0) return
    this.#free.copyWithin(at, at + 1, this.#freeCount)
    this.#freeCount--
    const { state, partition, position, retained, identifiers, shared } = message
    this.#fill(slot, state, partition, position, retained, identifiers)
    if (shared !== undefined) this.#restoredShares.set(message.packetId, shared)
  }

  stateOf(packetId: number): InflightState {
    return (this.#states[packetId - 1] ?? inflightState.free) as InflightState
  }

  partitionOf(packetId: number): Partition {
    return (this.#partitions[packetId - 1] ?? 0) as Partition
  }

  /** Where each message in flight stands in the log, in no order. */
  *partitions(): Generator<Partition> {
    for (let slot = 0; slot < this.#fresh; slot++) {
      if (this.#states[slot] !== inflightState.free) yield this.partitionOf(slot + 1)
    }
  }

  /** It has left: where it does so for the first time, behind what was added after it and left before. */
  sent(packetId: number): void {
    if ((this.#turns[packetId - 1] ?? 0) >= unsentFrom) this.#turns[packetId - 1] = this.#turn++
  }

  receive(packetId: number): void {
    this.#states[packetId - 1] = inflightState.received
    this.#turns[packetId - 1] = this.#turn++
  }

  remove(packetId: number): void {
    const slot = packetId - 1
    if (this.#sharedCount > 0) this.#detach(slot)?.completed(this.#positions[slot] as Position)
    if (this.#restoredShares.size > 0) this.#restoredShares.delete(packetId)
    this.#states[slot] = inflightState.free
    this.#removed++
    if (this.#identifiers.size > 0) this.#identifiers.delete(packetId)
    this.#count--
    this.#push(slot)
  }

  /** It has not begun after all. */
  withdraw(packetId: number): void {
    if (this.#sharedCount > 0) this.#detach(packetId - 1)
    this.remove(packetId)
  }

  /** Whom a message goes back to; undefined where it is the session's own. */
  ownerOf(packetId: number): ShareOwner | undefined {
    const owner = this.#owners[packetId - 1]
    return owner?.dropped === true ? undefined : owner
  }

  /** Adds the places of unacknowledged QoS 1 messages that are shares of this one. */
  collectPlaces(owner: ShareOwner, places: Place[]): void {
    if (this.#sharedCount === 0) return
    for (let slot = 0; slot < this.#fresh; slot++) {
      if (this.#owners[slot] === owner && this.#states[slot] === inflightState.published) {
        places.push(this.#placeAt(slot))
      }
    }
  }

  /**
   * Takes out what goes back to its group: shares at QoS 1. What is begun at QoS 2 stays.
   * [MQTT-4.8.2-4] [MQTT-4.8.2-5]
   */
  takeShares(): Map<ShareOwner, Place[]> {
    const taken = new Map<ShareOwner, Place[]>()
    if (this.#sharedCount === 0) return taken
    for (let slot = 0; slot < this.#fresh; slot++) {
      const owner = this.ownerOf(slot + 1)
      if (owner === undefined || this.#states[slot] !== inflightState.published) continue
      const places = taken.get(owner)
      if (places === undefined) taken.set(owner, [this.#placeAt(slot)])
      else places.push(this.#placeAt(slot))
      // It is not over, but another's.
      this.withdraw(slot + 1)
    }
    return taken
  }

  /**
   * First PUBREL in the order of the PUBRECs [MQTT-4.6.0-4] v3.1.1 [MQTT-4.6.0-4]: behind a PUBLISH it may come later
   * than the PUBREL that this one leads to. Then PUBLISH in the order of sending [MQTT-4.6.0-1] v3.1.1 [MQTT-4.6.0-1],
   * and last what has never left.
   */
  messages(): InflightMessage[] {
    const slots: number[] = []
    for (let slot = 0; slot < this.#fresh; slot++) if (this.#states[slot] !== inflightState.free) slots.push(slot)
    return slots.sort((a, b) => this.#rank(a) - this.#rank(b)).map((slot) => this.#messageAt(slot))
  }

  #rank(slot: number): number {
    const turn = this.#turns[slot] ?? 0
    return this.#states[slot] === inflightState.received ? turn - unsentFrom : turn
  }

  #messageAt(slot: number): InflightMessage {
    const identifiers = this.#identifiers.get(slot + 1)
    const shared = this.#owners[slot]?.key ?? this.#restoredShares.get(slot + 1)
    return {
      packetId: slot + 1,
      state: this.#states[slot] as InflightState,
      partition: this.#partitions[slot] as Partition,
      position: this.#positions[slot] as Position,
      retained: this.#retained[slot] === 1,
      ...(identifiers && { identifiers }),
      ...(shared !== undefined && { shared }),
    }
  }

  #fill(
    slot: number,
    state: InflightState,
    partition: Partition,
    position: Position,
    retained: boolean,
    identifiers: readonly number[] | undefined,
  ): void {
    this.#states[slot] = state
    this.#partitions[slot] = partition
    this.#positions[slot] = position
    this.#turns[slot] = this.#turn++
    this.#retained[slot] = retained ? 1 : 0
    if (identifiers !== undefined) this.#identifiers.set(slot + 1, identifiers)
    this.#count++
  }

  #detach(slot: number): ShareOwner | undefined {
    const owner = this.#owners[slot]
    if (owner === undefined) return undefined
    this.#owners[slot] = undefined
    this.#sharedCount--
    if (this.#states[slot] === inflightState.published) owner.inflight--
    return owner
  }

  #placeAt(slot: number): Place {
    return { partition: this.#partitions[slot] as Partition, position: this.#positions[slot] as Position }
  }

  #push(slot: number): void {
    this.#free[this.#freeCount++] = slot
  }

  #freshSlot(): number {
    if (this.#fresh === this.#states.length) this.#grow()
    return this.#fresh++
  }

  #grow(): void {
    const slots = Math.min(this.#states.length * 4, 65_535)
    this.#states = grown(this.#states, new Uint8Array(slots))
    this.#retained = grown(this.#retained, new Uint8Array(slots))
    this.#partitions = grown(this.#partitions, new Uint16Array(slots))
    this.#positions = grown(this.#positions, new Float64Array(slots))
    this.#turns = grown(this.#turns, new Float64Array(slots))
    this.#free = grown(this.#free, new Uint16Array(slots))
  }
}

function grown<Values extends { set(from: Values): void }>(from: Values, to: Values): Values {
  to.set(from)
  return to
}
