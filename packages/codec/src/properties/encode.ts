import type { Properties } from '../packets.ts'
import { ByteWriter } from '../writer.ts'
import { propertyEntries } from './table.ts'

/** The properties as they stand on the wire, without their length, in the order of the table's identifiers. */
export function encodeProperties(properties: Properties): Buffer {
  const writer = new ByteWriter()
  for (const [name, { id, kind }] of propertyEntries) {
    const value = properties[name]
    if (value === undefined) continue
    switch (kind) {
      case 'flag':
      case 'byte':
        writer.byte(id).byte(Number(value))
        break
      case 'uint16':
        writer.byte(id).uint16(value as number)
        break
      case 'uint32':
        writer.byte(id).uint32(value as number)
        break
      case 'identifiers':
        for (const identifier of value as readonly number[]) writer.byte(id).variableInteger(identifier)
        break
      case 'text':
        writer.byte(id).text(value as string)
        break
      case 'bytes':
        writer.byte(id).bytes(value as Uint8Array)
        break
      case 'pairs':
        for (const [key, text] of value as readonly (readonly [string, string])[]) writer.byte(id).text(key).text(text)
        break
      default:
        throw kind satisfies never
    }
  }
  return writer.taken()
}
