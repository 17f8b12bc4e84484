/** A payload of Sparkplug B as it stands on the wire, written from the specification, version 3.0.0, chapter 6.4. */

/** The names and numbers of 6.4.16. */
export const dataTypes = {
  Int8: 1,
  Int16: 2,
  Int32: 3,
  Int64: 4,
  UInt8: 5,
  UInt16: 6,
  UInt32: 7,
  UInt64: 8,
  Float: 9,
  Double: 10,
  Boolean: 11,
  String: 12,
  DateTime: 13,
  Text: 14,
  UUID: 15,
  DataSet: 16,
  Bytes: 17,
  File: 18,
  Template: 19,
  Int8Array: 22,
  Int16Array: 23,
  Int32Array: 24,
  Int64Array: 25,
  UInt8Array: 26,
  UInt16Array: 27,
  UInt32Array: 28,
  UInt64Array: 29,
  FloatArray: 30,
  DoubleArray: 31,
  BooleanArray: 32,
  StringArray: 33,
  DateTimeArray: 34,
} as const

/** The member of the message's `oneof` that is there; what it means is said by the data type. */
export type WireValue =
  | { readonly kind: 'int' | 'float' | 'double'; readonly value: number }
  | { readonly kind: 'long'; readonly value: bigint }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'data-set'; readonly value: DataSet }
  | { readonly kind: 'template'; readonly value: Template }

export interface Metric {
  readonly name: string | undefined
  readonly alias: bigint | undefined
  /** Milliseconds since the epoch. */
  readonly timestamp: bigint | undefined
  readonly dataType: number | undefined
  readonly isHistorical: boolean
  readonly isNull: boolean
  readonly value: WireValue | undefined
}

export interface DataSet {
  readonly columns: readonly string[]
  readonly types: readonly number[]
  readonly rows: readonly (readonly (WireValue | undefined)[])[]
}

export interface Parameter {
  readonly name: string
  readonly dataType: number | undefined
  readonly value: WireValue | undefined
}

export interface Template {
  readonly version: string | undefined
  readonly reference: string | undefined
  readonly isDefinition: boolean
  readonly metrics: readonly Metric[]
  readonly parameters: readonly Parameter[]
}

export interface Payload {
  readonly timestamp: bigint | undefined
  readonly metrics: readonly Metric[]
  readonly seq: bigint | undefined
  readonly uuid: string | undefined
  readonly body: Uint8Array | undefined
}
