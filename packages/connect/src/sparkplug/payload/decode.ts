/** From protobuf to a payload. The wire is read by a kept library, the messages by their field numbers. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import type { DataSet, Metric, Parameter, Payload, Template, WireValue } from './types.ts'

/** Templates may hold templates; more levels than this nobody means. */
const depthMax = 8

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] }
/** Reads one field; false where it knows none of that number. */
type ReadField = (field: number, reader: BinaryReader, wireType: WireType) => boolean | undefined

/** Throws where the bytes are none. */
export function decodePayload(bytes: Uint8Array): Payload {
  const metrics: Metric[] = []
  const payload: Writable<Payload> = { timestamp: undefined, metrics, seq: undefined, uuid: undefined, body: undefined }
  readFields(bytes, (field, reader) => {
    if (field === 1) payload.timestamp = long(reader)
    else if (field === 2) metrics.push(metricIn(reader.bytes(), 0))
    else if (field === 3) payload.seq = long(reader)
    else if (field === 4) payload.uuid = reader.string()
    else if (field === 5) payload.body = reader.bytes()
    else return false
    return true
  })
  return payload
}

function readFields(bytes: Uint8Array, read: ReadField): void {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (read(field, reader, wireType) === false) reader.skip(wireType, field)
  }
}

const long = (reader: BinaryReader): bigint => BigInt(reader.uint64())

function metricIn(bytes: Uint8Array, depth: number): Metric {
  const metric: Writable<Metric> = {
    ...{ name: undefined, alias: undefined, timestamp: undefined, dataType: undefined, value: undefined },
    ...{ isHistorical: false, isNull: false },
  }
  readFields(bytes, (field, reader) => {
    if (field === 1) metric.name = reader.string()
    else if (field === 2) metric.alias = long(reader)
    else if (field === 3) metric.timestamp = long(reader)
    else if (field === 4) metric.dataType = reader.uint32()
    else if (field === 5) metric.isHistorical = reader.bool()
    else if (field === 7) metric.isNull = reader.bool()
    else if (field === 16) metric.value = { kind: 'bytes', value: reader.bytes() }
    else if (field === 17) metric.value = { kind: 'data-set', value: dataSetIn(reader.bytes()) }
    else if (field === 18) metric.value = { kind: 'template', value: templateIn(reader.bytes(), depth + 1) }
    else return readScalar(field - 9, reader, (value) => (metric.value = value))
    return true
  })
  return metric
}

/** The scalars stand in one order in each `oneof`, from another number on. */
function readScalar(place: number, reader: BinaryReader, set: (value: WireValue) => void): boolean {
  if (place === 1) set({ kind: 'int', value: reader.uint32() })
  else if (place === 2) set({ kind: 'long', value: long(reader) })
  else if (place === 3) set({ kind: 'float', value: reader.float() })
  else if (place === 4) set({ kind: 'double', value: reader.double() })
  else if (place === 5) set({ kind: 'boolean', value: reader.bool() })
  else if (place === 6) set({ kind: 'string', value: reader.string() })
  else return false
  return true
}

function dataSetIn(bytes: Uint8Array): DataSet {
  const [columns, types, rows]: [string[], number[], (WireValue | undefined)[][]] = [[], [], []]
  readFields(bytes, (field, reader, wireType) => {
    if (field === 2) columns.push(reader.string())
    else if (field === 3 && wireType === WireType.LengthDelimited) types.push(...packed(reader.bytes()))
    else if (field === 3) types.push(reader.uint32())
    else if (field === 4) rows.push(rowIn(reader.bytes()))
    else return false
    return true
  })
  return { columns, types, rows }
}

function packed(bytes: Uint8Array): number[] {
  const reader = new BinaryReader(bytes)
  const values: number[] = []
  while (reader.pos < reader.len) values.push(reader.uint32())
  return values
}

function rowIn(bytes: Uint8Array): (WireValue | undefined)[] {
  const row: (WireValue | undefined)[] = []
  readFields(bytes, (field, reader) => {
    if (field !== 1) return false
    let element: WireValue | undefined
    readFields(reader.bytes(), (inner, of) => readScalar(inner, of, (value) => (element = value)))
    row.push(element)
    return true
  })
  return row
}

function templateIn(bytes: Uint8Array, depth: number): Template {
  if (depth > depthMax) throw new Error(`a template within ${depthMax} others`)
  const [metrics, parameters]: [Metric[], Parameter[]] = [[], []]
  const template: Writable<Template> = {
    ...{ version: undefined, reference: undefined, isDefinition: false, metrics, parameters },
  }
  readFields(bytes, (field, reader) => {
    if (field === 1) template.version = reader.string()
    else if (field === 2) metrics.push(metricIn(reader.bytes(), depth))
    else if (field === 3) parameters.push(parameterIn(reader.bytes()))
    else if (field === 4) template.reference = reader.string()
    else if (field === 5) template.isDefinition = reader.bool()
    else return false
    return true
  })
  return template
}

function parameterIn(bytes: Uint8Array): Parameter {
  const parameter: Writable<Parameter> = { name: '', dataType: undefined, value: undefined }
  readFields(bytes, (field, reader) => {
    if (field === 1) parameter.name = reader.string()
    else if (field === 2) parameter.dataType = reader.uint32()
    else return readScalar(field - 2, reader, (value) => (parameter.value = value))
    return true
  })
  return parameter
}
