/**
 * The body of a `publish` record, behind head and topic (little endian):
 *
 *    0  f64 publishedAtMicros   wall time of the append
 *    8  u32 messageExpirySeconds   0xFFFFFFFF: never
 *   12  f64 session             number of the publisher's session; 0: none
 *   20  u16 packetId            of an inbound QoS 2 publish, whose PUBREL is still to come; else 0
 *   22  u16 clientIdBytes
 *   24  u32 propertiesBytes
 *   28  f64 order              only with the flag `ordered`: of retained messages, the higher wins in all partitions
 *    …  f64 steadyMicros       only with the flag `steady`: from when on the expiry counts; else from publishedAtMicros
 *   …   client id (UTF-8), properties (as on the wire, without topic alias, message expiry and
 *       subscription identifiers), payload
 */
import {
  copyBytes,
  type EpochMicros,
  epochMicros,
  type SessionNumber,
  type SteadyMicros,
  steadyMicros,
  viewOf,
} from '@hawser/std'
import { type Appender, reserveRefused } from './log.ts'
import { recordEnd, recordFlagsAt, recordKind, recordTopicEnd, recordTopicStart } from './record.ts'

export const publishFlag = {
  qosMask: 0b0011,
  retain: 0b0100,
  will: 0b1000,
  ordered: 0b1_0000,
  steady: 0b10_0000,
} as const

const fixedBytes = 28
const orderBytes = 8
const steadyBytes = 8
export const neverExpires = 0xffffffff

/** What is appended: ranges of the caller's buffer, copied at once. */
export interface PublishSource {
  readonly buffer: Buffer
  readonly topicStart: number
  readonly topicEnd: number
  readonly propertiesStart: number
  readonly propertiesEnd: number
  readonly payloadStart: number
  readonly payloadEnd: number
}

/** The fields that not every record has. */
const headBytesOf = (flags: number): number =>
  fixedBytes +
  ((flags & publishFlag.ordered) === 0 ? 0 : orderBytes) +
  ((flags & publishFlag.steady) === 0 ? 0 : steadyBytes)

/** Appends a publish; `order` and `steadyAt` 0: it has none. Answers whether the log took it. Its ticket is then `log.lastTicket`. */
export function appendPublish(
  log: Appender,
  flags: number,
  source: PublishSource,
  clientId: Buffer,
  session: SessionNumber,
  packetId: number,
  messageExpirySeconds: number,
  publishedAt: EpochMicros,
  order = 0,
  steadyAt: SteadyMicros | 0 = 0,
): boolean {
  const topicBytes = source.topicEnd - source.topicStart
  const propertiesBytes = source.propertiesEnd - source.propertiesStart
  const payloadBytes = source.payloadEnd - source.payloadStart
  const allFlags = flags | (order === 0 ? 0 : publishFlag.ordered) | (steadyAt === 0 ? 0 : publishFlag.steady)
  const headBytes = headBytesOf(allFlags)
  const bodyBytes = headBytes + clientId.length + propertiesBytes + payloadBytes
  let at = log.reserve(recordKind.publish, allFlags, topicBytes, bodyBytes)
  if (at === reserveRefused) return false
  const target = log.buffer
  const fields = viewOf(target)
  at = copyBytes(source.buffer, source.topicStart, source.topicEnd, target, at)
  fields.setFloat64(at, publishedAt, true)
  fields.setUint32(at + 8, messageExpirySeconds, true)
  fields.setFloat64(at + 12, session, true)
  fields.setUint16(at + 20, packetId, true)
  fields.setUint16(at + 22, clientId.length, true)
  fields.setUint32(at + 24, propertiesBytes, true)
  if (order !== 0) fields.setFloat64(at + fixedBytes, order, true)
  if (steadyAt !== 0) fields.setFloat64(at + headBytes - steadyBytes, steadyAt, true)
  at = copyBytes(clientId, 0, clientId.length, target, at + headBytes)
  if (propertiesBytes > 0) at = copyBytes(source.buffer, source.propertiesStart, source.propertiesEnd, target, at)
  copyBytes(source.buffer, source.payloadStart, source.payloadEnd, target, at)
  return true
}

/** A publish record where it lies. One view is moved from record to record, so that reading allocates nothing. */
export class PublishView implements PublishSource {
  buffer: Buffer = Buffer.alloc(0)
  flags = 0
  topicStart = 0
  topicEnd = 0
  propertiesStart = 0
  propertiesEnd = 0
  payloadStart = 0
  payloadEnd = 0
  #fields = viewOf(this.buffer)
  #bodyStart = 0
  #clientIdStart = 0

  /** Moves the view to the record at `at`; the caller has made sure that it is a `publish`. */
  moveTo(buffer: Buffer, at: number): this {
    if (buffer !== this.buffer) {
      this.buffer = buffer
      this.#fields = viewOf(buffer)
    }
    this.flags = recordFlagsAt(buffer, at)
    this.topicStart = recordTopicStart(at)
    this.topicEnd = recordTopicEnd(buffer, at)
    const body = this.topicEnd
    this.#bodyStart = body
    this.#clientIdStart = body + headBytesOf(this.flags)
    this.propertiesStart = this.#clientIdStart + this.#fields.getUint16(body + 22, true)
    this.propertiesEnd = this.propertiesStart + this.#fields.getUint32(body + 24, true)
    this.payloadStart = this.propertiesEnd
    this.payloadEnd = recordEnd(buffer, at)
    return this
  }

  get qos(): 0 | 1 | 2 {
    return (this.flags & publishFlag.qosMask) as 0 | 1 | 2
  }
  get retain(): boolean {
    return (this.flags & publishFlag.retain) !== 0
  }
  get will(): boolean {
    return (this.flags & publishFlag.will) !== 0
  }
  /** 0: none. */
  get order(): number {
    return (this.flags & publishFlag.ordered) === 0 ? 0 : this.#fields.getFloat64(this.#bodyStart + fixedBytes, true)
  }
  get publishedAt(): EpochMicros {
    return epochMicros(this.#fields.getFloat64(this.#bodyStart, true))
  }
  /** From when on the expiry counts. */
  get steadyAt(): SteadyMicros {
    if ((this.flags & publishFlag.steady) === 0) return steadyMicros(this.publishedAt)
    return steadyMicros(this.#fields.getFloat64(this.#clientIdStart - steadyBytes, true))
  }
  get messageExpirySeconds(): number {
    return this.#fields.getUint32(this.#bodyStart + 8, true)
  }
  get session(): SessionNumber {
    return this.#fields.getFloat64(this.#bodyStart + 12, true) as SessionNumber
  }
  get packetId(): number {
    return this.#fields.getUint16(this.#bodyStart + 20, true)
  }
  get clientId(): string {
    return this.buffer.toString('utf8', this.#clientIdStart, this.propertiesStart)
  }
  get topic(): string {
    return this.buffer.toString('utf8', this.topicStart, this.topicEnd)
  }
  /** A copy that outlives the batch. */
  payload(): Buffer {
    return Buffer.from(this.buffer.subarray(this.payloadStart, this.payloadEnd))
  }
}
