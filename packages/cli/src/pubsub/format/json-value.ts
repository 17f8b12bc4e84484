import { untilNull } from './bytes.ts'

/**
 * JSON printed as cJSON does, which mosquitto_sub is built with: members keep order and repetition, bytes that are no
 * UTF-8 pass through, numbers have 15 digits where that is exact enough, and texts end at a null character.
 */
export type JsonValue =
  | { readonly kind: 'word'; readonly text: 'true' | 'false' | 'null' }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly JsonValue[] }
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
export type JsonMember = readonly [key: string, value: JsonValue]

export const jsonNull: JsonValue = { kind: 'word', text: 'null' }
export const jsonNumber = (value: number): JsonValue => ({ kind: 'number', value })
export const jsonText = (text: string): JsonValue => ({ kind: 'text', text })
export const jsonObject = (members: readonly JsonMember[]): JsonValue => ({ kind: 'object', members })

export function printJson(value: JsonValue, pretty: boolean, depth = 0): string {
  switch (value.kind) {
    case 'word':
      return value.text
    case 'number':
      return printNumber(value.value)
    case 'text':
      return quoted(value.text)
    case 'list': {
      const items = value.items.map((item) => printJson(item, pretty, depth + 1))
      return `[${items.join(pretty ? ', ' : ',')}]`
    }
    case 'object': {
      const members = value.members.map(([key, member]) => [quoted(key), printJson(member, pretty, depth + 1)])
      if (!pretty) return `{${members.map(([key, member]) => `${key}:${member}`).join(',')}}`
      const lines = members.map(([key, member]) => `${'\t'.repeat(depth + 1)}${key}:\t${member}`)
      return `{\n${lines.join(',\n')}${lines.length > 0 ? '\n' : ''}${'\t'.repeat(depth)}}`
    }
    default:
      throw value satisfies never
  }
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const escaped = /["\\\x00-\x1f]/g

function quoted(text: string): string {
  const body = untilNull(text).replace(
    escaped,
    (character) => escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `"${body}"`
}

function printNumber(value: number): string {
  if (!Number.isFinite(value)) return 'null'
  const short = generalNumber(value, 15)
  const nearEnough = Math.max(Math.abs(Number(short)), Math.abs(value)) * Number.EPSILON
  return Math.abs(Number(short) - value) <= nearEnough ? short : generalNumber(value, 17)
}

/** printf's %g. */
function generalNumber(value: number, digits: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa = '', exponentText = ''] = value.toExponential(digits - 1).split('e')
  const exponent = Number(exponentText)
  if (exponent >= -4 && exponent < digits) return withoutTrailingZeros(value.toFixed(digits - 1 - exponent))
  const sign = exponent < 0 ? '-' : '+'
  return `${withoutTrailingZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
}

const withoutTrailingZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
