/** Builds a packet front to back in a buffer that grows. For everything but the hot path. */
import { variableIntegerBytes, variableIntegerMax, writeVariableInteger } from './variable-integer.ts'

const firstBytes = 128
const lengthMax = 0xffff

/** The most that a fixed header takes: its first byte and four of Remaining Length. */
const headerBytesMax = 5

function requireInteger(value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`${value} is not within 0 and ${max}`)
}

export class ByteWriter {
  #buffer = Buffer.allocUnsafe(firstBytes)
  // Room in front, so that the fixed header can be set before the body once its length is known.
  #at = headerBytesMax

  byte(value: number): this {
    requireInteger(value, 0xff)
    this.#reserve(1)
    this.#at = this.#buffer.writeUInt8(value, this.#at)
    return this
  }

  uint16(value: number): this {
    requireInteger(value, 0xffff)
    this.#reserve(2)
    this.#at = this.#buffer.writeUInt16BE(value, this.#at)
    return this
  }

  uint32(value: number): this {
    requireInteger(value, 0xffffffff)
    this.#reserve(4)
    this.#at = this.#buffer.writeUInt32BE(value, this.#at)
    return this
  }

  variableInteger(value: number): this {
    requireInteger(value, variableIntegerMax)
    this.#reserve(4)
    this.#at = writeVariableInteger(this.#buffer, this.#at, value)
    return this
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
    return this
  }

  /** Binary Data: two bytes of length in front. */
  bytes(bytes: Uint8Array): this {
    if (bytes.length > lengthMax) throw new RangeError(`${bytes.length} bytes do not fit into a field of ${lengthMax}`)
    return this.uint16(bytes.length).raw(bytes)
  }

  text(text: string): this {
    // [MQTT-1.5.4-2]; lone surrogates become U+FFFD in `Buffer.from`, so that the bytes are well-formed [MQTT-1.5.4-1].
    if (text.includes('\0')) throw new RangeError('a text may not contain U+0000')
    return this.bytes(Buffer.from(text))
  }

  /** No properties are a length of 0. [MQTT-2.2.2-1] */
  lengthAndProperties(properties: Buffer): this {
    return this.variableInteger(properties.length).raw(properties)
  }

  /** The end of the packets of 5.0 that may leave away a reason code of 0 and a property length of 0. */
  reasonAndProperties(reasonCode: number, properties: Buffer): this {
    if (properties.length > 0) return this.byte(reasonCode).lengthAndProperties(properties)
    return reasonCode === 0 ? this : this.byte(reasonCode)
  }

  /** The bytes so far. */
  taken(): Buffer {
    return this.#buffer.subarray(headerBytesMax, this.#at)
  }

  /** The whole packet, with its fixed header set in front of what was written. */
  packet(firstByte: number): Buffer {
    const remainingLength = this.#at - headerBytesMax
    requireInteger(remainingLength, variableIntegerMax)
    const start = headerBytesMax - 1 - variableIntegerBytes(remainingLength)
    this.#buffer[start] = firstByte
    writeVariableInteger(this.#buffer, start + 1, remainingLength)
    return this.#buffer.subarray(start, this.#at)
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length))
    this.#buffer.copy(grown, 0, 0, this.#at)
    this.#buffer = grown
  }
}
