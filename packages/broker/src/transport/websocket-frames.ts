/**
 * The frames of a WebSocket's client, RFC 6455 section 5, taken apart as they come. MQTT is a stream of bytes and needs
 * no whole messages, so what a data frame carries is handed on at once, unmasked where it lies (lever: a frame of any
 * length costs no memory; of a control frame up to 125 bytes are kept).
 */

const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** Section 7.4.1. */
export const closeCode = { normal: 1000, protocolError: 1002, unsupportedData: 1003, tooBig: 1009 } as const

export interface FrameSink {
  /** Bytes from `start` to `end` are valid only during the call. */
  data(buffer: Buffer, start: number, end: number): void
  ping(payload: Buffer): void
  close(): void
}

const controlBytesMax = 125
const finalBit = 0x80
const reservedBits = 0x70
const maskBit = 0x80

/** What the next byte is. */
const part = { first: 0, second: 1, length: 2, mask: 3, payload: 4 } as const
type Part = (typeof part)[keyof typeof part]

export class FrameReader {
  readonly #messageBytesMax: number
  #part: Part = part.first
  #final = false
  #opcode = 0
  /** Of the part at hand. */
  #bytesLeft = 0
  #payloadBytes = 0
  #mask = 0
  /** A message has begun whose last fragment has not come. */
  #fragmented = false
  #messageBytes = 0
  /** What has come of a control frame's payload; owned here. */
  #control: Buffer | undefined

  /** `messageBytesMax`: over all fragments of a message. */
  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax
  }

  /** Hands over what lies in the range. Answers the code to close with where the client breaks a rule. */
  feed(buffer: Buffer, start: number, end: number, sink: FrameSink): number | undefined {
    let at = start
    while (at < end) {
      if (this.#part === part.payload) {
        at = this.#takePayload(buffer, at, end, sink)
        continue
      }
      const fault = this.#takeHeader(buffer[at++] ?? 0)
      if (fault !== undefined) return fault
      if (this.#isWhole) this.#endFrame(sink)
    }
    return undefined
  }

  #takeHeader(byte: number): number | undefined {
    switch (this.#part) {
      case part.first:
        this.#final = (byte & finalBit) !== 0
        this.#opcode = byte & 0x0f
        this.#part = part.second
        return (byte & reservedBits) !== 0 ? closeCode.protocolError : this.#opcodeFault()
      case part.second:
        return this.#takeLength(byte)
      case part.length:
        this.#payloadBytes = this.#payloadBytes * 256 + byte
        if (--this.#bytesLeft === 0) this.#expect(part.mask, 4)
        return undefined
      case part.mask:
        this.#mask = (this.#mask >>> 8) | (byte << 24)
        return --this.#bytesLeft === 0 ? this.#beginPayload() : undefined
      case part.payload:
        return undefined
      default:
        throw this.#part satisfies never
    }
  }

  #opcodeFault(): number | undefined {
    switch (this.#opcode) {
      case opcode.continuation:
        return this.#fragmented ? undefined : closeCode.protocolError
      case opcode.binary:
        return this.#fragmented ? closeCode.protocolError : undefined
      case opcode.text:
        // [MQTT-6.0.0-1] v3.1.1 [MQTT-6.0.0-1]
        return closeCode.unsupportedData
      case opcode.close:
      case opcode.ping:
      case opcode.pong:
        return this.#final ? undefined : closeCode.protocolError
      default:
        return closeCode.protocolError
    }
  }

  #takeLength(byte: number): number | undefined {
    const length = byte & 0x7f
    // A client masks everything. Section 5.1.
    if ((byte & maskBit) === 0 || (this.#isControl && length > controlBytesMax)) return closeCode.protocolError
    this.#payloadBytes = length < 126 ? length : 0
    if (length < 126) this.#expect(part.mask, 4)
    else this.#expect(part.length, length === 126 ? 2 : 8)
    return undefined
  }

  #beginPayload(): number | undefined {
    this.#expect(part.payload, this.#payloadBytes)
    if (this.#isControl) {
      this.#control = Buffer.allocUnsafe(this.#payloadBytes)
      return undefined
    }
    const before = this.#opcode === opcode.continuation ? this.#messageBytes : 0
    this.#messageBytes = before + this.#payloadBytes
    this.#fragmented = !this.#final
    return this.#messageBytes > this.#messageBytesMax ? closeCode.tooBig : undefined
  }

  #takePayload(buffer: Buffer, start: number, readEnd: number, sink: FrameSink): number {
    const end = Math.min(readEnd, start + this.#bytesLeft)
    this.#unmask(buffer, start, end)
    if (this.#control !== undefined) buffer.copy(this.#control, this.#payloadBytes - this.#bytesLeft, start, end)
    this.#bytesLeft -= end - start
    if (this.#control === undefined) sink.data(buffer, start, end)
    if (this.#isWhole) this.#endFrame(sink)
    return end
  }

  #unmask(buffer: Buffer, start: number, end: number): void {
    let turn = (this.#payloadBytes - this.#bytesLeft) & 3
    const mask = this.#mask
    for (let at = start; at < end; at++) {
      buffer[at] = (buffer[at] ?? 0) ^ (mask >>> (turn << 3))
      turn = (turn + 1) & 3
    }
  }

  #endFrame(sink: FrameSink): void {
    const control = this.#control
    this.#control = undefined
    this.#part = part.first
    if (control === undefined) return
    if (this.#opcode === opcode.ping) sink.ping(control)
    else if (this.#opcode === opcode.close) sink.close()
  }

  get #isWhole(): boolean {
    return this.#part === part.payload && this.#bytesLeft === 0
  }

  get #isControl(): boolean {
    return this.#opcode >= opcode.close
  }

  #expect(next: Part, bytes: number): void {
    this.#part = next
    this.#bytesLeft = bytes
  }
}

const binaryFrame = finalBit | opcode.binary

/** Of a frame that carries `bytes`; servers mask nothing. */
export function binaryHeader(bytes: number): Buffer {
  if (bytes < 126) return Buffer.of(binaryFrame, bytes)
  const header = Buffer.allocUnsafe(bytes < 65_536 ? 4 : 10)
  header[0] = binaryFrame
  if (bytes < 65_536) {
    header[1] = 126
    header.writeUInt16BE(bytes, 2)
    return header
  }
  header[1] = 127
  header.writeUInt32BE(0, 2)
  header.writeUInt32BE(bytes, 6)
  return header
}

export function pongFrame(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.of(finalBit | opcode.pong, payload.length), payload])
}

export function closeFrame(code: number): Buffer {
  return Buffer.of(finalBit | opcode.close, 2, code >> 8, code & 0xff)
}
