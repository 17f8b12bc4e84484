/**
 * Reads JSON with the leniency of cJSON (control characters in strings, numbers by strtod), and repeated members kept:
 * what mosquitto_sub takes for JSON is what %J prints here too.
 */
import { type JsonMember, type JsonValue, jsonNumber, jsonText } from './json-value.ts'

const depthMax = 1000
const byteOrderMark = '\xef\xbb\xbf'

/** The whole of `source` (one character a byte) as one value; undefined where it is not JSON. */
export function readJson(source: string): JsonValue | undefined {
  const reader = new JsonReader(source)
  try {
    return reader.document()
  } catch (error) {
    if (error instanceof NotJson) return undefined
    throw error
  }
}

class NotJson extends Error {
  override readonly name = 'NotJson'
}

const words = ['null', 'false', 'true'] as const
const simpleEscapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  '/': '/',
}

class JsonReader {
  readonly #source: string
  #at: number

  constructor(source: string) {
    this.#source = source
    this.#at = source.startsWith(byteOrderMark) ? byteOrderMark.length : 0
  }

  document(): JsonValue {
    const value = this.#value(0)
    this.#skipSpace()
    if (this.#at < this.#source.length) throw new NotJson()
    return value
  }

  #value(depth: number): JsonValue {
    this.#skipSpace()
    const rest = this.#source[this.#at]
    const word = words.find((text) => this.#source.startsWith(text, this.#at))
    if (word !== undefined) {
      this.#at += word.length
      return { kind: 'word', text: word }
    }
    if (rest === '"') return jsonText(this.#text())
    if (rest === '[') return this.#list(depth)
    if (rest === '{') return this.#object(depth)
    return jsonNumber(this.#number())
  }

  #list(depth: number): JsonValue {
    const items: JsonValue[] = []
    this.#open(depth)
    if (this.#took(']')) return { kind: 'list', items }
    do items.push(this.#value(depth + 1))
    while (this.#took(','))
    this.#must(']')
    return { kind: 'list', items }
  }

  #object(depth: number): JsonValue {
    const members: JsonMember[] = []
    this.#open(depth)
    if (this.#took('}')) return { kind: 'object', members }
    do {
      this.#skipSpace()
      const key = this.#text()
      this.#must(':')
      members.push([key, this.#value(depth + 1)])
    } while (this.#took(','))
    this.#must('}')
    return { kind: 'object', members }
  }

  #open(depth: number): void {
    if (depth >= depthMax) throw new NotJson()
    this.#at++
  }

  /** As far as strtod reads; what it leaves over is for the next token to refuse. */
  #number(): number {
    const pattern = /(?:-(?=[\d.])|(?=\d))(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (match === null) throw new NotJson()
    this.#at = pattern.lastIndex
    return Number(match[0])
  }

  #text(): string {
    if (this.#source[this.#at] !== '"') throw new NotJson()
    this.#at++
    let text = ''
    for (;;) {
      const character = this.#source[this.#at++]
      if (character === undefined) throw new NotJson()
      if (character === '"') return text
      text += character === '\\' ? this.#escape() : character
    }
  }

  #escape(): string {
    const letter = this.#source[this.#at++] ?? ''
    if (letter !== 'u') {
      const character = simpleEscapes[letter]
      if (character === undefined) throw new NotJson()
      return character
    }
    const first = this.#codeUnit()
    if (first >= 0xdc00 && first <= 0xdfff) throw new NotJson()
    if (first < 0xd800 || first > 0xdbff) return utf8(first)
    if (this.#source[this.#at++] !== '\\' || this.#source[this.#at++] !== 'u') throw new NotJson()
    const second = this.#codeUnit()
    if (second < 0xdc00 || second > 0xdfff) throw new NotJson()
    return utf8(0x1_0000 + (((first & 0x3ff) << 10) | (second & 0x3ff)))
  }

  #codeUnit(): number {
    const digits = this.#source.slice(this.#at, this.#at + 4)
    if (!/^[\da-fA-F]{4}$/.test(digits)) throw new NotJson()
    this.#at += 4
    return Number.parseInt(digits, 16)
  }

  #skipSpace(): void {
    while (this.#at < this.#source.length && this.#source.charCodeAt(this.#at) <= 0x20) this.#at++
  }

  #took(character: string): boolean {
    this.#skipSpace()
    if (this.#source[this.#at] !== character) return false
    this.#at++
    return true
  }

  #must(character: string): void {
    if (!this.#took(character)) throw new NotJson()
  }
}

const utf8 = (codePoint: number): string => Buffer.from(String.fromCodePoint(codePoint)).toString('latin1')
