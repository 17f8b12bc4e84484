/** Strict reading of telemetry: bounded, UTF-8 only, and numbers stay the text that they were written as. */

/** A number as it was written: 9007199254740993 and 1.0 stay themselves. */
export class JsonNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue
}

export const jsonBytesMax = 1_048_576
export const jsonDepthMax = 32

export const jsonRefusals = ['too-large', 'not-utf8', 'too-deep', 'bare-nan', 'not-json'] as const
export type JsonRefusal = (typeof jsonRefusals)[number]

export type JsonOutcome =
  | { readonly kind: 'value'; readonly value: JsonValue }
  | { readonly kind: 'refused'; readonly reason: JsonRefusal; readonly detail: string }

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const detailCharsMax = 200

export function readJson(bytes: Uint8Array): JsonOutcome {
  if (bytes.length > jsonBytesMax) return refused('too-large', `${bytes.length} bytes; at most ${jsonBytesMax}`)
  // JSON.parse walks the value recursively for its reviver: the depth is bounded before it starts.
  if (depthExceeds(bytes, jsonDepthMax)) return refused('too-deep', `more than ${jsonDepthMax} levels`)
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    return refused('not-utf8', 'the bytes are not UTF-8')
  }
  try {
    return { kind: 'value', value: parse(text, keepNumberText) as JsonValue }
  } catch (error) {
    const reason = bareNan.test(text.replace(jsonString, '""')) ? 'bare-nan' : 'not-json'
    return refused(reason, error instanceof Error ? error.message : String(error))
  }
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown
// ECMAScript 2026's source text access: the type library knows the reviver without its third argument.
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown

const jsonString = /"(?:[^"\\]|\\.)*"/gs
const bareNan = /(?<!\w)-?(?:NaN|Infinity|nan|inf)(?!\w)/

const refused = (reason: JsonRefusal, detail: string): JsonOutcome => ({
  kind: 'refused',
  reason,
  detail: detail.slice(0, detailCharsMax),
})

const keepNumberText: Reviver = (_key, value, { source }) =>
  typeof value === 'number' ? new JsonNumber(source ?? String(value)) : value

const quote = 0x22
const backslash = 0x5c
/** `[` and `{` differ in this bit alone; so do `]` and `}`. */
const braceBit = 0x20
const open = 0x5b
const close = 0x5d

function depthExceeds(bytes: Uint8Array, depthMax: number): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (inString) {
      if (byte === backslash) at++
      else if (byte === quote) inString = false
      continue
    }
    if (byte === quote) inString = true
    else if ((byte & ~braceBit) === open && ++depth > depthMax) return true
    else if ((byte & ~braceBit) === close) depth--
  }
  return false
}
