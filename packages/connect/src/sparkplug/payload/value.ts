/** The value of a metric as JSON: numbers digit by digit, bytes in base64, times in ISO 8601. */
import { type DataSet, dataTypes, type Metric, type Template, type WireValue } from './types.ts'

/** With bigint for what a number cannot hold; undefined is null. */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue }

/** Throws where the value is not of the type that it says. */
export function plainValue(dataType: number | undefined, wire: WireValue | undefined): PlainValue {
  if (wire === undefined) return null
  switch (wire.kind) {
    case 'int':
      return integerOf(dataType, BigInt(wire.value))
    case 'long':
      return dataType === dataTypes.DateTime ? timeText(wire.value) : integerOf(dataType, wire.value)
    case 'float':
      // The shortest digits that are this number in 32 bits, not the 17 that it has in 64.
      return finite(shortestFloat(wire.value))
    case 'double':
      return finite(wire.value)
    case 'boolean':
    case 'string':
      return wire.value
    case 'bytes':
      return arrayOf(dataType, wire.value) ?? Buffer.from(wire.value).toString('base64')
    case 'data-set':
      return dataSet(wire.value)
    case 'template':
      return template(wire.value)
    default:
      throw wire satisfies never
  }
}

const signedBits = new Map<number | undefined, number>([
  [dataTypes.Int8, 8],
  [dataTypes.Int16, 16],
  [dataTypes.Int32, 32],
  [dataTypes.Int64, 64],
])

/** Negative ones stand there as two's complement of their own width, or of the field's. */
const integerOf = (dataType: number | undefined, value: bigint): PlainValue => {
  const bits = signedBits.get(dataType)
  return bits === undefined ? value : BigInt.asIntN(bits, value)
}

function shortestFloat(value: number): number {
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

/** JSON has no sign for the others. */
const finite = (value: number): PlainValue => (Number.isFinite(value) ? value : String(value))

const millisMax = 8.64e15

function timeText(millis: bigint): string {
  if (millis > BigInt(millisMax)) throw new Error(`${millis} is past every date`)
  return new Date(Number(millis)).toISOString()
}

/** Little-endian, one after another. 6.4.16 */
function arrayOf(dataType: number | undefined, bytes: Uint8Array): PlainValue[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const all = (size: number, read: (at: number) => PlainValue): PlainValue[] => {
    if (bytes.length % size !== 0) throw new Error(`${bytes.length} bytes are no array of ${size} each`)
    return Array.from({ length: bytes.length / size }, (_, index) => read(index * size))
  }
  switch (dataType) {
    case dataTypes.Int8Array:
      return all(1, (at) => view.getInt8(at))
    case dataTypes.Int16Array:
      return all(2, (at) => view.getInt16(at, true))
    case dataTypes.Int32Array:
      return all(4, (at) => view.getInt32(at, true))
    case dataTypes.Int64Array:
      return all(8, (at) => view.getBigInt64(at, true))
    case dataTypes.UInt8Array:
      return all(1, (at) => view.getUint8(at))
    case dataTypes.UInt16Array:
      return all(2, (at) => view.getUint16(at, true))
    case dataTypes.UInt32Array:
      return all(4, (at) => view.getUint32(at, true))
    case dataTypes.UInt64Array:
      return all(8, (at) => view.getBigUint64(at, true))
    case dataTypes.FloatArray:
      return all(4, (at) => finite(shortestFloat(view.getFloat32(at, true))))
    case dataTypes.DoubleArray:
      return all(8, (at) => finite(view.getFloat64(at, true)))
    case dataTypes.DateTimeArray:
      return all(8, (at) => timeText(view.getBigUint64(at, true)))
    case dataTypes.BooleanArray:
      return booleans(view)
    case dataTypes.StringArray:
      return strings(bytes)
    default:
      return undefined
  }
}

/** A count of four bytes, then bits, the first in the highest place. */
function booleans(view: DataView): PlainValue[] {
  const count = view.getUint32(0, true)
  if (count > (view.byteLength - 4) * 8) throw new Error(`${view.byteLength} bytes do not hold ${count} booleans`)
  return Array.from({ length: count }, (_, index) => (view.getUint8(4 + (index >> 3)) & (0x80 >> (index & 7))) !== 0)
}

/** Each ends in a zero byte. */
function strings(bytes: Uint8Array): PlainValue[] {
  const parts = Buffer.from(bytes).toString('utf8').split('\0')
  if (parts.pop() !== '') throw new Error('the last string has no end')
  return parts
}

const dataSet = ({ columns, types, rows }: DataSet): PlainValue => ({
  columns,
  rows: rows.map((row) => row.map((element, index) => plainValue(types[index], element))),
})

const template = ({ reference, version, isDefinition, metrics, parameters }: Template): PlainValue => ({
  ...(reference === undefined ? {} : { template: reference }),
  ...(version === undefined ? {} : { version }),
  ...(isDefinition ? { definition: true } : {}),
  metrics: Object.fromEntries(metrics.map((metric) => [metric.name ?? '', metricValue(metric, metric.dataType)])),
  ...(parameters.length === 0
    ? {}
    : {
        parameters: Object.fromEntries(
          parameters.map(({ name, dataType, value }) => [name, plainValue(dataType, value)]),
        ),
      }),
})

/** `dataType` is that of the birth where the metric does not repeat it. */
export const metricValue = (metric: Metric, dataType: number | undefined): PlainValue =>
  metric.isNull ? null : plainValue(dataType, metric.value)

export function jsonText(value: PlainValue): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(jsonText).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${jsonText(member)}`)
  return `{${members.join()}}`
}
