/**
 * Bytes to packets, in place. Levers: a table answers type, flags and direction by the first byte; a packet that lies
 * whole in the caller's buffer is never copied; PUBLISH and acknowledgements make no objects. `bench/codec-rate.ts`
 * measures them.
 */
import { byteAt } from './bytes.ts'
import { malformed } from './fault.ts'
import { firstByteFault, isFirstByte, type Sender, situationOf } from './first-byte.ts'
import { readAcknowledgement } from './packet/acknowledgement.ts'
import { decodeControl } from './packet/decode-control.ts'
import { type MovingPublishFrame, PublishFrames } from './packet/publish.ts'
import type { ProtocolVersion } from './packets.ts'
import { PacketReader } from './reader.ts'
import { reasonCode } from './reason-codes.ts'
import type { DecodeFault, PacketSink } from './sink.ts'
import { UnfinishedPacket } from './unfinished-packet.ts'
import { integerUnfinished, readVariableInteger, variableIntegerBytes } from './variable-integer.ts'

interface DecoderBounds {
  /** Maximum Packet Size: fixed header and all. */
  readonly packetBytesMax: number
  /** 'caller': the characters of a PUBLISH topic are left to the caller's `checkTopicName`. Default: 'decode'. */
  readonly topicCheck?: 'decode' | 'caller'
  /** Where the bytes set aside for what is not whole yet are counted, over all decoders that share it. */
  readonly held?: HeldBytes
}

export interface HeldBytes {
  bytes: number
}

/** A client knows which version it speaks; a server is told by CONNECT. */
export type DecoderOptions = DecoderBounds &
  (
    | { readonly receives: 'from-client'; readonly version?: ProtocolVersion }
    | { readonly receives: 'from-server'; readonly version: ProtocolVersion }
  )

const unfinished = 0

// 3.1.1 does not ask for the minimal form, so in CONNECT it is judged once the version is known.
const overlong = malformed('remaining length is longer than needed [MQTT-1.5.5-1]')

const framesOf = {
  client: { decode: new PublishFrames('client', true), caller: new PublishFrames('client', false) },
  server: { decode: new PublishFrames('server', true), caller: new PublishFrames('server', false) },
} as const

export class Decoder {
  readonly #sender: Sender
  readonly #packetBytesMax: number
  readonly #frames: PublishFrames
  #version: ProtocolVersion | undefined
  #situation: number
  #halted = false
  #fault: DecodeFault | undefined
  /** Where the body of the packet starts whose header was read last. */
  #bodyStart = 0
  /** Owned here: the copy of a packet whose rest has not come yet. */
  #tail: UnfinishedPacket | undefined
  #suspended = false
  /** Owned here: what came while suspended. The caller stops reading, so that it stays small. */
  #held: Buffer | undefined
  readonly #allHeld: HeldBytes | undefined
  /** What of it is for this decoder. */
  #counted = 0

  constructor(options: DecoderOptions) {
    this.#sender = options.receives === 'from-client' ? 'client' : 'server'
    this.#packetBytesMax = options.packetBytesMax
    this.#frames = framesOf[this.#sender][options.topicCheck ?? 'decode']
    this.#allHeld = options.held
    this.#version = options.version
    this.#situation = situationOf(this.#sender, options.version)
  }

  /** Undefined until CONNECT has been seen. */
  get version(): ProtocolVersion | undefined {
    return this.#version
  }
  set version(version: ProtocolVersion | undefined) {
    this.#version = version
    this.#situation = situationOf(this.#sender, version)
  }

  /**
   * Hands over every packet that ends in the range, and keeps a copy of what begins but does not end in it.
   * A fault comes after the good packets in front of it. From then on, and after `halt`, all bytes are ignored.
   */
  feed(buffer: Buffer, start: number, end: number, sink: PacketSink): DecodeFault | undefined {
    const fault = this.#feed(buffer, start, end, sink)
    this.#count()
    return fault
  }

  /** The packet that has begun and not ended, if any: another object for each. */
  get unfinished(): { readonly bytes: number } | undefined {
    return this.#tail
  }

  #feed(buffer: Buffer, start: number, end: number, sink: PacketSink): DecodeFault | undefined {
    if (this.#halted) return undefined
    if (this.#suspended) return this.#hold(buffer, start, end)
    const frame = this.#frames.take()
    let at = start
    if (this.#tail !== undefined) at = this.#finishTail(this.#tail, frame, buffer, start, end, sink)
    while (at < end && !this.#halted && !this.#suspended) {
      const packetBytes = this.#readHeader(buffer, at, end)
      if (packetBytes === unfinished || at + packetBytes > end) break
      this.#readPacket(frame, buffer, at, at + packetBytes, sink)
      at += packetBytes
    }
    this.#frames.giveBack(frame)
    if (this.#halted) return this.#takeFault()
    if (this.#suspended) return this.#hold(buffer, at, end)
    if (at < end) this.#tail = new UnfinishedPacket(buffer, at, end)
    return undefined
  }

  /** Ignores everything from here on; also from within a call to the sink. */
  halt(): void {
    this.#halted = true
    this.#tail = undefined
    this.#held = undefined
    this.#count()
  }

  /** Hands over nothing more after the packet at hand, and keeps what follows, until `resume`. */
  suspend(): void {
    this.#suspended = true
  }

  /** Goes on with what was kept since `suspend`. */
  resume(sink: PacketSink): DecodeFault | undefined {
    const held = this.#held
    this.#suspended = false
    this.#held = undefined
    return held === undefined ? undefined : this.feed(held, 0, held.length, sink)
  }

  #count(): void {
    const bytes = (this.#tail?.buffer.length ?? 0) + (this.#held?.length ?? 0)
    if (this.#allHeld !== undefined) this.#allHeld.bytes += bytes - this.#counted
    this.#counted = bytes
  }

  #hold(buffer: Buffer, start: number, end: number): undefined {
    if (start < end) this.#held = Buffer.concat([this.#held ?? Buffer.alloc(0), buffer.subarray(start, end)])
  }

  /** Goes on with the unfinished packet and answers the index of the first byte behind it. */
  #finishTail(
    tail: UnfinishedPacket,
    frame: MovingPublishFrame,
    buffer: Buffer,
    start: number,
    end: number,
    sink: PacketSink,
  ): number {
    let at = start
    for (;;) {
      const packetBytes = this.#readHeader(tail.buffer, 0, tail.bytes)
      if (this.#halted) return end
      if (packetBytes === tail.bytes) {
        this.#tail = undefined
        this.#readPacket(frame, tail.buffer, 0, packetBytes, sink)
        return at
      }
      if (at === end) return end
      // While the header is unfinished, the next byte may finish it.
      const next = packetBytes === unfinished ? at + 1 : Math.min(end, at + packetBytes - tail.bytes)
      tail.append(buffer, at, next, packetBytes)
      at = next
    }
  }

  /** The length of the whole packet at `at`; `unfinished` where its header is not all there, or faulty. */
  #readHeader(buffer: Buffer, at: number, end: number): number {
    const first = byteAt(buffer, at)
    if (!isFirstByte(first, this.#situation)) {
      this.#refuse(firstByteFault(first, this.#sender, this.#version))
      return unfinished
    }
    if (at + 1 >= end) return unfinished
    let bodyStart = at + 2
    let remainingLength = byteAt(buffer, at + 1)
    if (remainingLength > 0x7f) {
      remainingLength = readVariableInteger(buffer, at + 1, end)
      if (remainingLength === integerUnfinished) return unfinished
      if (remainingLength < 0) {
        this.#refuse(malformed('remaining length takes more than four bytes'))
        return unfinished
      }
      bodyStart = longHeaderEnd(buffer, at)
      if (this.#version === 5 && bodyStart - at - 1 !== variableIntegerBytes(remainingLength)) {
        this.#refuse(overlong)
        return unfinished
      }
    }
    this.#bodyStart = bodyStart
    const packetBytes = bodyStart - at + remainingLength
    if (packetBytes > this.#packetBytesMax) {
      const clause = this.#sender === 'client' ? '[MQTT-3.2.2-15]' : '[MQTT-3.1.2-24]'
      const message = `a packet of ${packetBytes} bytes, ${this.#packetBytesMax} are allowed ${clause}`
      this.#refuse({ reasonCode: reasonCode.packetTooLarge, message })
      return unfinished
    }
    return packetBytes
  }

  #readPacket(frame: MovingPublishFrame, buffer: Buffer, start: number, end: number, sink: PacketSink): void {
    const first = byteAt(buffer, start)
    const version = this.#version
    if (first >> 4 === 3 && version !== undefined) {
      const fault = frame.moveTo(buffer, start, first, this.#bodyStart, end, version)
      if (fault === undefined) sink.publish(frame)
      else this.#refuse(fault)
    } else if (first >> 4 >= 4 && first >> 4 <= 7 && version !== undefined) {
      const fault = readAcknowledgement(buffer, first, this.#bodyStart, end, version, sink)
      if (fault !== undefined) this.#refuse(fault)
    } else this.#readControl(buffer, start, end, sink)
  }

  #readControl(buffer: Buffer, start: number, end: number, sink: PacketSink): void {
    const reader = new PacketReader(buffer, this.#bodyStart, end, this.#sender, this.#version)
    const packet = decodeControl(reader, byteAt(buffer, start) >> 4)
    // CONNECT tells its version even where a later field is faulty: the refusal is written in it.
    if (this.#version === undefined) this.version = reader.version
    if (packet === undefined) this.#refuse(reader.fault ?? malformed('packet of a reserved type'))
    else if (
      packet.type === 'connect' &&
      packet.version === 5 &&
      this.#bodyStart - start - 1 !== variableIntegerBytes(end - this.#bodyStart)
    )
      this.#refuse(overlong)
    else sink.control(packet)
  }

  #refuse(fault: DecodeFault): void {
    this.#fault = fault
    this.halt()
  }

  #takeFault(): DecodeFault | undefined {
    const fault = this.#fault
    this.#fault = undefined
    return fault
  }
}

function longHeaderEnd(buffer: Buffer, at: number): number {
  let last = at + 1
  while (byteAt(buffer, last) > 0x7f) last++
  return last + 1
}
