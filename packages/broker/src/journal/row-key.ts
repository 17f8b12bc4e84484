import { createHash } from 'node:crypto'

const keyBytesMax = 1_000

/** Topics and filters may be longer than a key: then their hash stands for them, and the row has the text. */
export function rowKey(text: string): string {
  if (Buffer.byteLength(text) <= keyBytesMax) return text
  return `\u0001${createHash('sha256').update(text).digest('hex')}`
}
