/**
 * The bytes of retained messages, many in one buffer: a buffer of its own costs a message more than a kilobyte, and the
 * collector a visit. What has been replaced leaves a hole; a slab that is half holes is moved, so that never more than
 * as much again is held. Measured by `hawser bench retained` and the growth row of retained messages.
 */
import type { Partition, Position } from '@hawser/engine'
import type { SessionNumber, SteadyMicros } from '@hawser/std'
import { type RetainedMessage, sizeOf } from './retained-message.ts'

interface Slab {
  readonly buffer: Buffer
  used: number
  /** Bytes of messages that still stand. */
  live: number
  /** All that were put in. */
  readonly messages: KeptMessage[]
}

export const slabBytes = 128 << 10

/** A message with bytes of its own; where they stand may change between two turns. */
export class KeptMessage implements RetainedMessage {
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly order: number
  readonly steadyAt: SteadyMicros
  readonly messageExpirySeconds: number
  readonly publisher: SessionNumber
  readonly partition: Partition
  readonly position: Position
  buffer: Buffer
  topicStart = 0
  topicEnd: number
  propertiesEnd: number
  payloadEnd: number
  /** Undefined once it is replaced; and of one that stands in none, from the start. */
  slab: Slab | undefined

  /** Its bytes stand in `buffer` from `start` on, topic, properties and payload behind each other. */
  constructor(message: RetainedMessage, buffer: Buffer, start: number, slab: Slab | undefined) {
    this.topic = message.topic
    this.qos = message.qos
    this.order = message.order
    this.steadyAt = message.steadyAt
    this.messageExpirySeconds = message.messageExpirySeconds
    this.publisher = message.publisher
    this.partition = message.partition
    this.position = message.position
    this.buffer = buffer
    this.topicStart = start
    this.topicEnd = start + message.topicEnd - message.topicStart
    this.propertiesEnd = this.topicEnd + message.propertiesEnd - message.propertiesStart
    this.payloadEnd = this.propertiesEnd + message.payloadEnd - message.payloadStart
    this.slab = slab
  }

  get propertiesStart(): number {
    return this.topicEnd
  }

  get payloadStart(): number {
    return this.propertiesEnd
  }

  moveTo(slab: Slab, start: number): void {
    const by = start - this.topicStart
    this.buffer = slab.buffer
    this.topicStart = start
    this.topicEnd += by
    this.propertiesEnd += by
    this.payloadEnd += by
    this.slab = slab
  }
}

/** For what is kept but for a while. */
export function copyOf(message: RetainedMessage): KeptMessage {
  const buffer = Buffer.allocUnsafeSlow(sizeOf(message))
  copyBytes(message, buffer, 0)
  return new KeptMessage(message, buffer, 0, undefined)
}

export class RetainedSlabs {
  #current: Slab = newSlab()

  keep(message: RetainedMessage): KeptMessage {
    const bytes = sizeOf(message)
    if (bytes > slabBytes >>> 2) return copyOf(message)
    const slab = this.#roomFor(bytes)
    const start = taken(slab, bytes)
    copyBytes(message, slab.buffer, start)
    const kept = new KeptMessage(message, slab.buffer, start, slab)
    slab.messages.push(kept)
    return kept
  }

  /** It stands no more; who still holds it may read it. */
  release(message: KeptMessage): void {
    const { slab } = message
    if (slab === undefined) return
    message.slab = undefined
    slab.live -= sizeOf(message)
    if (slab !== this.#current) this.#moveIfHalfEmpty(slab)
  }

  #roomFor(bytes: number): Slab {
    const full = this.#current
    if (full.used + bytes <= slabBytes) return full
    this.#current = newSlab()
    this.#moveIfHalfEmpty(full)
    return this.#current.used + bytes <= slabBytes ? this.#current : this.#roomFor(bytes)
  }

  #moveIfHalfEmpty(slab: Slab): void {
    if (slab.live > slab.used >>> 1) return
    for (const message of slab.messages) {
      if (message.slab !== slab) continue
      const bytes = sizeOf(message)
      const to = this.#roomFor(bytes)
      const start = taken(to, bytes)
      slab.buffer.copy(to.buffer, start, message.topicStart, message.payloadEnd)
      message.moveTo(to, start)
      to.messages.push(message)
    }
    slab.live = 0
    slab.messages.length = 0
  }
}

const newSlab = (): Slab => ({ buffer: Buffer.allocUnsafeSlow(slabBytes), used: 0, live: 0, messages: [] })

function taken(slab: Slab, bytes: number): number {
  const start = slab.used
  slab.used += bytes
  slab.live += bytes
  return start
}

function copyBytes(message: RetainedMessage, to: Buffer, start: number): void {
  const { buffer, topicStart, topicEnd, propertiesStart, propertiesEnd, payloadStart, payloadEnd } = message
  const propertiesAt = start + topicEnd - topicStart
  const payloadAt = propertiesAt + propertiesEnd - propertiesStart
  buffer.copy(to, start, topicStart, topicEnd)
  buffer.copy(to, propertiesAt, propertiesStart, propertiesEnd)
  buffer.copy(to, payloadAt, payloadStart, payloadEnd)
}
