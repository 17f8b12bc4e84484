/**
 * Messages sent to one client and not yet acknowledged (lever: in-flight state in typed arrays). A packet id is a
 * slot's number plus one; free slots are a stack. Nothing is allocated before the first QoS 1 delivery.
 */
import type { Partition, Position } from '@hawser/engine'

export const inflightState = {
  free: 0,
  /** QoS 1, PUBLISH sent. */
  published: 1,
  /** QoS 2, PUBLISH sent or about to be. */
  assigned: 2,
  /** QoS 2, PUBREC received: PUBREL is sent, or about to be. */
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
  /** Identifiers that it was sent with; they stay through UNSUBSCRIBE. */
  readonly identifiers?: readonly number[]
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
  #free = new Uint16Array(initialSlots)
  #freeCount = 0
  /** Slots from here on were never used. */
  #fresh = 0
  #count = 0
  readonly #identifiers = new Map<number, readonly number[]>()

  get count(): number {
    return this.#count
  }

  /** Takes a packet id for a message. The caller keeps the count below 65,535. */
  add(
    state: InflightState,
    partition: Partition,
    position: Position,
    retained: boolean,
    identifiers: readonly number[] | undefined,
  ): number {
    const slot = this.#freeCount > 0 ? (this.#free[--this.#freeCount] ?? 0) : this.#freshSlot()
    this.#fill(slot, state, partition, position, retained, identifiers)
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
    const { state, partition, position, retained, identifiers } = message
    this.#fill(slot, state, partition, position, retained, identifiers)
  }

  stateOf(packetId: number): InflightState {
    return (this.#states[packetId - 1] ?? inflightState.free) as InflightState
  }

  receive(packetId: number): void {
    this.#states[packetId - 1] = inflightState.received
    this.#turns[packetId - 1] = this.#turn++
  }

  remove(packetId: number): void {
    const slot = packetId - 1
    this.#states[slot] = inflightState.free
    if (this.#identifiers.size > 0) this.#identifiers.delete(packetId)
    this.#count--
    this.#push(slot)
  }

  /** PUBLISH in the order of sending [MQTT-4.6.0-1], PUBREL in the order of the PUBRECs [MQTT-4.6.0-4]. */
  messages(): InflightMessage[] {
    const slots: number[] = []
    for (let slot = 0; slot < this.#fresh; slot++) if (this.#states[slot] !== inflightState.free) slots.push(slot)
    const turns = this.#turns
    return slots.sort((a, b) => (turns[a] ?? 0) - (turns[b] ?? 0)).map((slot) => this.#messageAt(slot))
  }

  #messageAt(slot: number): InflightMessage {
    const identifiers = this.#identifiers.get(slot + 1)
    return {
      packetId: slot + 1,
      state: this.#states[slot] as InflightState,
      partition: this.#partitions[slot] as Partition,
      position: this.#positions[slot] as Position,
      retained: this.#retained[slot] === 1,
      ...(identifiers && { identifiers }),
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
