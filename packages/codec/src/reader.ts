/**
 * Reads the fields of one control packet front to back. The first fault sticks and everything after it reads as empty,
 * so that a packet's decoder is the list of its fields, and asks for the fault once, at the end.
 */
import { byteAt, uint16At } from './bytes.ts'
import { malformed, protocolError } from './fault.ts'
import type { Sender } from './first-byte.ts'
import type { Properties, ProtocolVersion } from './packets.ts'
import { decodeProperties } from './properties/decode.ts'
import { scanProperties } from './properties/scan.ts'
import { type PropertyBearer, propertyPlace } from './properties/table.ts'
import { reasonCodeName } from './reason-codes.ts'
import type { DecodeFault } from './sink.ts'
import { isText } from './utf8.ts'
import { readMinimalInteger, variableIntegerBytes } from './variable-integer.ts'

const empty = Buffer.alloc(0)

export class PacketReader {
  readonly sender: Sender
  /** Set by CONNECT. */
  version: ProtocolVersion | undefined
  fault: DecodeFault | undefined
  readonly #buffer: Buffer
  readonly #end: number
  #at: number

  constructor(buffer: Buffer, start: number, end: number, sender: Sender, version: ProtocolVersion | undefined) {
    this.#buffer = buffer
    this.#at = start
    this.#end = end
    this.sender = sender
    this.version = version
  }

  get bytesLeft(): number {
    return this.#end - this.#at
  }

  fail(fault: DecodeFault): undefined {
    this.fault ??= fault
    this.#at = this.#end
    return undefined
  }

  byte(field: string): number {
    const at = this.#take(1, field)
    return at === -1 ? 0 : byteAt(this.#buffer, at)
  }

  uint16(field: string): number {
    const at = this.#take(2, field)
    return at === -1 ? 0 : uint16At(this.#buffer, at)
  }

  packetId(): number {
    const packetId = this.uint16('packet identifier')
    // [MQTT-2.2.1-3] v3.1.1 [MQTT-2.3.1-1]
    if (packetId === 0) this.fail(protocolError('packet identifier is 0 [MQTT-2.2.1-3]'))
    return packetId
  }

  reason(allowed: ReadonlySet<number>): number {
    const reason = this.byte('reason code')
    if (!allowed.has(reason)) this.fail(protocolError(`reason code ${reasonCodeName(reason)} does not belong here`))
    return reason
  }

  /** Binary Data, as a copy: what is read here outlives the read buffer. */
  bytes(field: string): Buffer {
    return Buffer.from(this.#lengthPrefixed(field))
  }

  text(field: string): string {
    const bytes = this.#lengthPrefixed(field)
    // [MQTT-1.5.4-1] [MQTT-1.5.4-2] v3.1.1 [MQTT-1.5.3-1] [MQTT-1.5.3-2]
    if (!isText(bytes, 0, bytes.length)) this.fail(malformed(`${field} is no UTF-8 text [MQTT-1.5.4-1]`))
    // U+FEFF stays where it is. [MQTT-1.5.4-3]; v3.1.1 [MQTT-1.5.3-3]
    return bytes.toString()
  }

  /** The properties with their length; none before 5.0. */
  properties(bearer: PropertyBearer): Properties {
    if (this.version !== 5) return {}
    const bytes = readMinimalInteger(this.#buffer, this.#at, this.#end)
    const start = this.#at + variableIntegerBytes(bytes)
    const end = start + bytes
    if (bytes < 0 || end > this.#end) {
      this.fail(malformed('the property length does not fit the packet'))
      return {}
    }
    const place = propertyPlace(bearer, this.sender)
    const fault = scanProperties(this.#buffer, start, end, place, { topicAlias: 0, messageExpirySeconds: -1 })
    if (fault !== undefined) {
      this.fail(fault)
      return {}
    }
    this.#at = end
    return decodeProperties(this.#buffer, start, end)
  }

  /** Ends a packet: nothing may be left over, and nothing may have been wrong. */
  finish<Packet>(packet: Packet): Packet | undefined {
    if (this.bytesLeft > 0) this.fail(malformed(`${this.bytesLeft} bytes too many`))
    return this.fault === undefined ? packet : undefined
  }

  #lengthPrefixed(field: string): Buffer {
    const bytes = this.uint16(field)
    const at = this.#take(bytes, field)
    return at === -1 ? empty : this.#buffer.subarray(at, at + bytes)
  }

  /** The index of the next bytes; -1 where they are not there. */
  #take(bytes: number, field: string): number {
    const at = this.#at
    if (at + bytes > this.#end) {
      this.fail(malformed(`the packet ends within its ${field}`))
      return -1
    }
    this.#at = at + bytes
    return at
  }
}
