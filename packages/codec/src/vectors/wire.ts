/**
 * Raw bytes as a person writes them: hex digits with blanks between fields, and three abbreviations for lengths, so that
 * a vector reads like the specification's tables. `"abc"` is text with its two bytes of length, `{…}` a block with its
 * variable byte integer of length, `__` the Remaining Length of all that follows.
 */
export function wire(text: string): Buffer {
  const tokens = text.match(/"[^"]*"|[{}]|__|(?:[0-9a-f]{2})+/g) ?? []
  if (tokens.join('') !== text.replaceAll(' ', '')) throw new Error(`not in the notation: ${text}`)
  return block(tokens[Symbol.iterator]())
}

function block(tokens: Iterator<string>): Buffer {
  const parts: Buffer[] = []
  for (;;) {
    const { done, value: token } = tokens.next()
    if (done || token === '}') return Buffer.concat(parts)
    if (token === '{') parts.push(withLength(block(tokens)))
    else if (token === '__') return Buffer.concat([...parts, withLength(block(tokens))])
    else if (token.startsWith('"')) parts.push(Buffer.of(0, token.length - 2), Buffer.from(token.slice(1, -1)))
    else parts.push(Buffer.from(token, 'hex'))
  }
}

function withLength(bytes: Buffer): Buffer {
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7]
  return Buffer.concat([Buffer.from(length), bytes])
}
