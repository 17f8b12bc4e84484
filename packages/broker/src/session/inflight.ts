/**
 * Messages sent to one client and not yet acknowledged (lever: in-flight state in typed arrays). A packet id is a
 * slot's number plus one; free slots are a stack. Nothing is allocated before the first QoS 1 delivery.
 */
import type { Partition, Position } from '@hawser/engine'
import type { Group } from '../shared/group.ts'
import type { Place } from '../shared/places.ts'

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

export class Inflight {
  #states = new Uint8Array(initialSlots)
  #retained = new Uint8Array(initialSlots)
  #partitions = new Uint16Array(initialSlots)
  #positions = new Float64Array(initialSlots)
  /** When it was sent, or its PUBREC received: counted. */
  #turns = new Float64Array(initialSlots)
  #turn = 0
  #removed = 0
  #free = new Uint16Array(initialSlots)
  #freeCount = 0
  /** Slots from here on were never used. */
  #fresh = 0
  #count = 0
  readonly #identifiers = new Map<number, readonly number[]>()
  /** By slot, the group that a message is a share of; empty until there is one. */
  readonly #groups: (Group | undefined)[] = []
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
   * v3.1.1 [MQTT-2.3.1-4] [MQTT-4.3.2-1]. The caller keeps the count below 65,535.
   */
  add(
    state: InflightState,
    partition: Partition,
    position: Position,
    retained: boolean,
    identifiers: readonly number[] | undefined,
    group?: Group | undefined,
  ): number {
    const slot = this.#freeCount > 0 ? (this.#free[--this.#freeCount] ?? 0) : this.#freshSlot()
    this.#fill(slot, state, partition, position, retained, identifiers)
    if (group !== undefined) {
      this.#groups[slot] = group
      this.#sharedCount++
      if (state === inflightState.published) group.inflight++
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

  /** It leaves only now, behind what was added after it. */
  sent(packetId: number): void {
    this.#turns[packetId - 1] = this.#turn++
  }

  receive(packetId: number): void {
    this.#states[packetId - 1] = inflightState.received
    this.#turns[packetId - 1] = this.#turn++
  }

  remove(packetId: number): void {
    const slot = packetId - 1
    if (this.#sharedCount > 0) this.#removeShare(slot)
    if (this.#restoredShares.size > 0) this.#restoredShares.delete(packetId)
    this.#states[slot] = inflightState.free
    this.#removed++
    if (this.#identifiers.size > 0) this.#identifiers.delete(packetId)
    this.#count--
    this.#push(slot)
  }

  /** The group that a message goes back to; undefined where it is the session's own. */
  groupOf(packetId: number): Group | undefined {
    const group = this.#groups[packetId - 1]
    return group?.dropped === true ? undefined : group
  }

  /** Adds the places of a group's unacknowledged QoS 1 messages. */
  collectPlaces(group: Group, places: Place[]): void {
    if (this.#sharedCount === 0) return
    for (let slot = 0; slot < this.#fresh; slot++) {
      if (this.#groups[slot] === group && this.#states[slot] === inflightState.published) {
        places.push(this.#placeAt(slot))
      }
    }
  }

  /**
   * Takes out what goes back to its group: shares at QoS 1. What is begun at QoS 2 stays.
   * [MQTT-4.8.2-4] [MQTT-4.8.2-5]
   */
  takeShares(): Map<Group, Place[]> {
    const taken = new Map<Group, Place[]>()
    if (this.#sharedCount === 0) return taken
    for (let slot = 0; slot < this.#fresh; slot++) {
      const group = this.groupOf(slot + 1)
      if (group === undefined || this.#states[slot] !== inflightState.published) continue
      const places = taken.get(group)
      if (places === undefined) taken.set(group, [this.#placeAt(slot)])
      else places.push(this.#placeAt(slot))
      this.remove(slot + 1)
    }
    return taken
  }

  /**
   * PUBLISH in the order of sending [MQTT-4.6.0-1] v3.1.1 [MQTT-4.6.0-1],
   * PUBREL in the order of the PUBRECs [MQTT-4.6.0-4] v3.1.1 [MQTT-4.6.0-4].
   */
  messages(): InflightMessage[] {
    const slots: number[] = []
    for (let slot = 0; slot < this.#fresh; slot++) if (this.#states[slot] !== inflightState.free) slots.push(slot)
    const turns = this.#turns
    return slots.sort((a, b) => (turns[a] ?? 0) - (turns[b] ?? 0)).map((slot) => this.#messageAt(slot))
  }

  #messageAt(slot: number): InflightMessage {
    const identifiers = this.#identifiers.get(slot + 1)
    const shared = this.#groups[slot]?.key ?? this.#restoredShares.get(slot + 1)
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

  #removeShare(slot: number): void {
    const group = this.#groups[slot]
    if (group === undefined) return
    this.#groups[slot] = undefined
    this.#sharedCount--
    if (this.#states[slot] === inflightState.published) group.inflight--
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
