/**
 * QoS 0 on its way to another process: one message, or a run of whole packets of one topic as they came. Little endian:
 *
 *    0  u8  version
 *    1  u8  kind
 *    2  u8  flags
 *    4  u16 topicBytes
 *    6  u16 clientIdBytes
 *    8  f64 session              number of the publisher's session; 0: none
 *   16  u32 sharesBytes          `$share/…` filters whose member is to get it, with U+0000 between them
 *   20  u32 messageExpirySeconds of a message; packets of a run
 *   24  u32 propertiesBytes      of a message; bytes of payloads of a run
 *   28  topic, client id, shares, then properties and payload, or packets
 *
 * Of a part of a frame, the bytes begin behind the flags, at 4.
 *
 * Lever: written into one buffer and read where it lies, without objects.
 */
import { neverExpires, type PublishSource } from '@hawser/engine'
import type { SessionNumber } from '@hawser/std'
import { wireVersion } from './encoding.ts'

export const liveKind = { message: 0, plainRun: 1, v5Run: 2, part: 3 } as const
export type LiveKind = (typeof liveKind)[keyof typeof liveKind]

const flag = { retain: 1, subscribers: 2, last: 4 } as const
const headBytes = 28
const initialBytes = 65_536
/** A larger frame goes in parts, because a peer's queue has no room for a frame of any size. */
export const partBytesMax = 1_048_576
const partHeadBytes = 4

/** Who publishes, and what of the other process is to get it. */
export interface LiveEnvelope {
  readonly topicBytes: Buffer
  readonly clientIdBytes: Buffer
  readonly session: SessionNumber
  /** Its subscribers that share it with nobody. */
  readonly subscribers: boolean
  readonly shares: readonly string[]
}

export class LiveFrameWriter {
  #buffer = Buffer.alloc(initialBytes)

  /** Valid until the next call. */
  message(envelope: LiveEnvelope, source: PublishSource, retain: boolean, messageExpirySeconds: number): Buffer {
    const { buffer, propertiesStart, propertiesEnd, payloadStart, payloadEnd } = source
    const bytes = propertiesEnd - propertiesStart + payloadEnd - payloadStart
    let at = this.#head(liveKind.message, envelope, bytes)
    const frame = this.#buffer
    if (retain) frame[2] = (frame[2] ?? 0) | flag.retain
    frame.writeUInt32LE(messageExpirySeconds < 0 ? neverExpires : messageExpirySeconds, 20)
    frame.writeUInt32LE(propertiesEnd - propertiesStart, 24)
    at += buffer.copy(frame, at, propertiesStart, propertiesEnd)
    at += buffer.copy(frame, at, payloadStart, payloadEnd)
    return frame.subarray(0, at)
  }

  /** Valid until the next call. */
  run(
    kind: LiveKind,
    envelope: LiveEnvelope,
    packets: Buffer,
    start: number,
    end: number,
    count: number,
    payloadBytes: number,
  ): Buffer {
    const at = this.#head(kind, envelope, end - start)
    const frame = this.#buffer
    frame.writeUInt32LE(count, 20)
    frame.writeUInt32LE(payloadBytes, 24)
    return frame.subarray(0, at + packets.copy(frame, at, start, end))
  }

  /** Answers where the rest begins. */
  #head(kind: LiveKind, envelope: LiveEnvelope, restBytes: number): number {
    const { topicBytes, clientIdBytes, session, subscribers } = envelope
    const shares = envelope.shares.join('\0')
    const sharesBytes = Buffer.byteLength(shares)
    const restAt = headBytes + topicBytes.length + clientIdBytes.length + sharesBytes
    if (this.#buffer.length < restAt + restBytes) this.#buffer = Buffer.alloc(2 * (restAt + restBytes))
    const frame = this.#buffer
    frame[0] = wireVersion
    frame[1] = kind
    frame[2] = subscribers ? flag.subscribers : 0
    frame.writeUInt16LE(topicBytes.length, 4)
    frame.writeUInt16LE(clientIdBytes.length, 6)
    frame.writeDoubleLE(session, 8)
    frame.writeUInt32LE(sharesBytes, 16)
    let at = headBytes
    at += topicBytes.copy(frame, at)
    at += clientIdBytes.copy(frame, at)
    if (sharesBytes > 0) frame.write(shares, at)
    return restAt
  }
}

/** The frame itself, where it is small enough. */
export function partsOf(frame: Buffer): readonly Buffer[] {
  if (frame.length <= partBytesMax) return [frame]
  const parts: Buffer[] = []
  for (let from = 0; from < frame.length; from += partBytesMax) {
    const last = from + partBytesMax >= frame.length
    const head = Buffer.of(wireVersion, liveKind.part, last ? flag.last : 0, 0)
    parts.push(Buffer.concat([head, frame.subarray(from, from + partBytesMax)]))
  }
  return parts
}

/** Frames that come from one peer in parts. */
export class LiveParts {
  #parts: Buffer[] = []

  /** Answers the frame as soon as it is whole. */
  add(bytes: Buffer): Buffer | undefined {
    this.#parts.push(Buffer.from(bytes.subarray(partHeadBytes)))
    if (((bytes[2] ?? 0) & flag.last) === 0) return undefined
    const whole = Buffer.concat(this.#parts)
    this.#parts = []
    return whole
  }
}

const noShares: readonly string[] = []

/** A frame where it lies. One is moved from frame to frame. */
export class LiveFrame implements PublishSource {
  buffer: Buffer = Buffer.alloc(0)
  topicStart = headBytes
  topicEnd = 0
  propertiesStart = 0
  propertiesEnd = 0
  payloadStart = 0
  payloadEnd = 0
  shares: readonly string[] = noShares
  #sharesAt = 0

  /** Answers false for one of another version. */
  moveTo(buffer: Buffer): boolean {
    if (buffer[0] !== wireVersion) return false
    this.buffer = buffer
    this.topicEnd = headBytes + buffer.readUInt16LE(4)
    this.#sharesAt = this.topicEnd + buffer.readUInt16LE(6)
    const restAt = this.#sharesAt + buffer.readUInt32LE(16)
    this.shares = restAt === this.#sharesAt ? noShares : buffer.toString('utf8', this.#sharesAt, restAt).split('\0')
    this.propertiesStart = restAt
    this.propertiesEnd = this.kind === liveKind.message ? restAt + buffer.readUInt32LE(24) : restAt
    this.payloadStart = this.propertiesEnd
    this.payloadEnd = buffer.length
    return true
  }

  get kind(): LiveKind {
    return this.buffer[1] as LiveKind
  }
  get retain(): boolean {
    return ((this.buffer[2] ?? 0) & flag.retain) !== 0
  }
  get subscribers(): boolean {
    return ((this.buffer[2] ?? 0) & flag.subscribers) !== 0
  }
  get session(): SessionNumber {
    return this.buffer.readDoubleLE(8) as SessionNumber
  }
  get clientId(): string {
    return this.buffer.toString('utf8', this.topicEnd, this.#sharesAt)
  }
  /** Of a message; -1: never. */
  get messageExpirySeconds(): number {
    const seconds = this.buffer.readUInt32LE(20)
    return seconds === neverExpires ? -1 : seconds
  }
  /** Packets of a run. */
  get count(): number {
    return this.buffer.readUInt32LE(20)
  }
  /** Of all packets of a run. */
  get payloadBytes(): number {
    return this.buffer.readUInt32LE(24)
  }
}
