import { byteAt, uint16At, uint32At } from '../bytes.ts'
import type { Properties } from '../packets.ts'
import { readVariableInteger, variableIntegerBytes } from '../variable-integer.ts'
import { type PropertyName, propertyEntries, wireKind, wireKindById } from './table.ts'

const nameById = new Map<number, PropertyName>(propertyEntries.map(([name, { id }]) => [id, name]))
const flagIds = new Set(propertyEntries.filter(([, { kind }]) => kind === 'flag').map(([, { id }]) => id))

/** Decodes properties that `scanProperties` has passed, or that `encodeProperties` made: it checks nothing itself. */
export function decodeProperties(buffer: Buffer, start: number, end: number): Properties {
  // The table holds each value to the type of its name, which a write by a computed name cannot show to the compiler.
  const properties: Partial<Record<PropertyName, unknown>> = {}
  const identifiers: number[] = []
  const pairs: [string, string][] = []
  let at = start
  const bytes = (): Buffer => {
    const valueStart = at + 2
    at = valueStart + uint16At(buffer, at)
    return buffer.subarray(valueStart, at)
  }
  while (at < end) {
    const id = byteAt(buffer, at++)
    const name = nameById.get(id)
    if (name === undefined) throw new RangeError(`unknown property 0x${id.toString(16)}: the range was not checked`)
    switch (wireKindById[id]) {
      case wireKind.byte:
        properties[name] = flagIds.has(id) ? byteAt(buffer, at) === 1 : byteAt(buffer, at)
        at += 1
        break
      case wireKind.uint16:
        properties[name] = uint16At(buffer, at)
        at += 2
        break
      case wireKind.uint32:
        properties[name] = uint32At(buffer, at)
        at += 4
        break
      case wireKind.integer: {
        const identifier = readVariableInteger(buffer, at, end)
        identifiers.push(identifier)
        properties[name] = identifiers
        at += variableIntegerBytes(identifier)
        break
      }
      case wireKind.text:
        properties[name] = bytes().toString()
        break
      case wireKind.bytes:
        // A copy: the range lies in a read buffer.
        properties[name] = Buffer.from(bytes())
        break
      default:
        pairs.push([bytes().toString(), bytes().toString()])
        properties[name] = pairs
    }
  }
  return properties as Properties
}
