/**
 * Raw bytes as the specification's tables write them. Nothing of `packages/codec` is used here: what the broker
 * misreads, these tests must not misread with it.
 *
 *     mqtt`10 __ "MQTT" 05 02 003c {} ${clientId}`
 *
 * Hex digits are bytes; `"abc"` and a text put in by `${…}` are UTF-8 with their two bytes of length; a `${Buffer}`
 * is itself; `{…}` is a block behind its length as a variable byte integer; `__` is the Remaining Length of all that
 * follows.
 */
export type Part = string | Uint8Array

export function mqtt(strings: TemplateStringsArray, ...parts: readonly Part[]): Buffer {
  const tokens = strings.flatMap((literal, index): (string | Buffer)[] => {
    const part = parts[index]
    return [...hexTokens(literal), ...(part === undefined ? [] : [typeof part === 'string' ? text(part) : bytes(part)])]
  })
  return block(tokens[Symbol.iterator]())
}

/** A UTF-8 encoded string: two bytes of length, then the text. */
export function text(value: string): Buffer {
  const utf8 = Buffer.from(value)
  return Buffer.concat([u16(utf8.length), utf8])
}

/** The text alone, as a payload is. */
export const raw = (value: string): Buffer => Buffer.from(value)

export const u8 = (value: number): Buffer => Buffer.of(value)

export function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2)
  buffer.writeUInt16BE(value)
  return buffer
}

export function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value)
  return buffer
}

/** A variable byte integer. */
export function variable(value: number): Buffer {
  const digits: number[] = []
  let rest = value
  do {
    const digit = rest % 128
    rest = Math.floor(rest / 128)
    digits.push(rest > 0 ? digit | 0x80 : digit)
  } while (rest > 0)
  return Buffer.from(digits)
}

const bytes = (part: Uint8Array): Buffer => Buffer.from(part.buffer, part.byteOffset, part.byteLength)

function hexTokens(literal: string): (string | Buffer)[] {
  const tokens = literal.match(/"[^"]*"|[{}]|__|(?:[0-9a-fA-F]{2})+/g) ?? []
  if (tokens.join('').replaceAll(' ', '') !== literal.replace(/\s/g, ''))
    throw new Error(`not in the notation: ${literal}`)
  return tokens.map((token) => {
    if (token.startsWith('"')) return text(token.slice(1, -1))
    return /^[0-9a-fA-F]/.test(token) ? Buffer.from(token, 'hex') : token
  })
}

function block(tokens: Iterator<string | Buffer>): Buffer {
  const parts: Buffer[] = []
  for (;;) {
    const { done, value: token } = tokens.next()
    if (done || token === '}') return Buffer.concat(parts)
    if (token === '__') return Buffer.concat([...parts, withLength(block(tokens))])
    parts.push(token === '{' ? withLength(block(tokens)) : (token as Buffer))
  }
}

const withLength = (body: Buffer): Buffer => Buffer.concat([variable(body.length), body])
