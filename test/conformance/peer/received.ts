/** What a server sent, one packet at a time, read as far as a test asks. Strict: what is malformed throws. */
import type { Version } from '../statements/statement.ts'

export const packetNames = [
  'reserved',
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  'UNSUBSCRIBE',
  'UNSUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
  'AUTH',
] as const
export type PacketName = (typeof packetNames)[number]

export type PropertyValue = number | string | Buffer | readonly [name: string, value: string]
/** In the order in which they came, so that a test sees order and repetition. */
export type ReceivedProperties = readonly (readonly [id: number, value: PropertyValue])[]

export class Received {
  /** The whole packet, fixed header and all. */
  readonly bytes: Buffer
  readonly body: Buffer
  readonly version: Version

  constructor(bytes: Buffer, headerBytes: number, version: Version) {
    this.bytes = bytes
    this.body = bytes.subarray(headerBytes)
    this.version = version
  }

  get name(): PacketName {
    return packetNames[this.#first >> 4] ?? 'reserved'
  }

  get flags(): number {
    return this.#first & 0x0f
  }

  get hex(): string {
    return this.bytes.toString('hex')
  }

  get #first(): number {
    return this.bytes.readUInt8(0)
  }

  toString(): string {
    return `${this.name} ${this.hex.slice(0, 200)}`
  }
}

/** Reads a body from its start. */
export class BodyReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.take(1).readUInt8()
  }

  u16(): number {
    return this.take(2).readUInt16BE()
  }

  u32(): number {
    return this.take(4).readUInt32BE()
  }

  variable(): number {
    let value = 0
    for (let digits = 0; digits < 4; digits++) {
      const byte = this.u8()
      value += (byte & 0x7f) * 128 ** digits
      if (byte < 0x80) return value
    }
    throw new Error('a variable byte integer of more than four bytes')
  }

  binary(): Buffer {
    return this.take(this.u16())
  }

  /** Fatal: text that is no UTF-8 throws. */
  text(): string {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.binary())
  }

  take(count: number): Buffer {
    if (count > this.left) throw new Error(`${count} bytes wanted, ${this.left} left in ${this.#bytes.toString('hex')}`)
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  rest(): Buffer {
    return this.take(this.left)
  }

  properties(): ReceivedProperties {
    const reader = new BodyReader(this.take(this.variable()))
    const properties: (readonly [number, PropertyValue])[] = []
    while (reader.left > 0) {
      const id = reader.variable()
      properties.push([id, reader.#propertyValue(id)])
    }
    return properties
  }

  #propertyValue(id: number): PropertyValue {
    switch (id) {
      case 0x01:
      case 0x17:
      case 0x19:
      case 0x24:
      case 0x25:
      case 0x28:
      case 0x29:
      case 0x2a:
        return this.u8()
      case 0x13:
      case 0x21:
      case 0x22:
      case 0x23:
        return this.u16()
      case 0x02:
      case 0x11:
      case 0x18:
      case 0x27:
        return this.u32()
      case 0x0b:
        return this.variable()
      case 0x09:
      case 0x16:
        return this.binary()
      case 0x26:
        return [this.text(), this.text()]
      case 0x03:
      case 0x08:
      case 0x12:
      case 0x15:
      case 0x1a:
      case 0x1c:
      case 0x1f:
        return this.text()
      default:
        throw new Error(`no property has the identifier ${id}`)
    }
  }
}

/** The values of one property, by its identifier. */
export function propertiesOf(properties: ReceivedProperties, id: number): PropertyValue[] {
  return properties.flatMap(([other, value]) => (other === id ? [value] : []))
}

/** The value of a property that may stand once. */
export function propertyOf(properties: ReceivedProperties, id: number): PropertyValue | undefined {
  const values = propertiesOf(properties, id)
  if (values.length > 1) throw new Error(`property ${id} stands ${values.length} times`)
  return values[0]
}
