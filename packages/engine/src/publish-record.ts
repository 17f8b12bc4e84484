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
import { type EpochMicros, epochMicros, type SessionNumber, type SteadyMicros, steadyMicros } from '@hawser/std'
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

/** Up to here a loop is faster than the call into native code. */
const loopBytesMax = 40

/** Copies what is mostly short, and answers where the copy ends. Measure with the `bench/` row "QoS 1 pairs". */
function copyShort(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  const bytes = end - start
  if (bytes > loopBytesMax) source.copy(target, at, start, end)
  else for (let index = 0; index < bytes; index++) target[at + index] = source[start + index] as number
  return at + bytes
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
  at = copyShort(source.buffer, source.topicStart, source.topicEnd, target, at)
  target.writeDoubleLE(publishedAt, at)
  target.writeUInt32LE(messageExpirySeconds, at + 8)
  target.writeDoubleLE(session, at + 12)
  target.writeUInt16LE(packetId, at + 20)
  target.writeUInt16LE(clientId.length, at + 22)
  target.writeUInt32LE(propertiesBytes, at + 24)
  if (order !== 0) target.writeDoubleLE(order, at + fixedBytes)
  if (steadyAt !== 0) target.writeDoubleLE(steadyAt, at + headBytes - steadyBytes)
  at += headBytes
  at = copyShort(clientId, 0, clientId.length, target, at)
  if (propertiesBytes > 0) {
    source.buffer.copy(target, at, source.propertiesStart, source.propertiesEnd)
    at += propertiesBytes
  }
  source.buffer.copy(target, at, source.payloadStart, source.payloadEnd)
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
  #bodyStart = 0
  #clientIdStart = 0

  /** Moves the view to the record at `at`; the caller has made sure that it is a `publish`. */
  moveTo(buffer: Buffer, at: number): this {
    this.buffer = buffer
    this.flags = recordFlagsAt(buffer, at)
    this.topicStart = recordTopicStart(at)
    this.topicEnd = recordTopicEnd(buffer, at)
    const body = this.topicEnd
    this.#bodyStart = body
    this.#clientIdStart = body + headBytesOf(this.flags)
    this.propertiesStart = this.#clientIdStart + buffer.readUInt16LE(body + 22)
    this.propertiesEnd = this.propertiesStart + buffer.readUInt32LE(body + 24)
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
    return (this.flags & publishFlag.ordered) === 0 ? 0 : this.buffer.readDoubleLE(this.#bodyStart + fixedBytes)
  }
  get publishedAt(): EpochMicros {
    return epochMicros(this.buffer.readDoubleLE(this.#bodyStart))
  }
  /** From when on the expiry counts. */
  get steadyAt(): SteadyMicros {
    if ((this.flags & publishFlag.steady) === 0) return steadyMicros(this.publishedAt)
    return steadyMicros(this.buffer.readDoubleLE(this.#clientIdStart - steadyBytes))
  }
  get messageExpirySeconds(): number {
    return this.buffer.readUInt32LE(this.#bodyStart + 8)
  }
  get session(): SessionNumber {
    return this.buffer.readDoubleLE(this.#bodyStart + 12) as SessionNumber
  }
  get packetId(): number {
    return this.buffer.readUInt16LE(this.#bodyStart + 20)
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
