/** To which partition a key belongs: as Java's client says, or as librdkafka does for those who come from it. */
import { crc32 } from 'node:zlib'
import type { Partitioner } from '../defaults.ts'

/** The partition is this modulo their count. */
export const hashOf: Readonly<Record<Partitioner, (key: Buffer) => number>> = {
  // Java's `Utils.toPositive(Utils.murmur2(key))`.
  murmur2: (key) => murmur2(key) & 0x7fffffff,
  // librdkafka's `consistent`; its default differs for empty keys alone, and we send none.
  crc32: (key) => crc32(key),
}

const seed = 0x9747b28c
const multiplier = 0x5bd1e995

function murmur2(bytes: Buffer): number {
  let hash = seed ^ bytes.length
  const whole = bytes.length & ~3
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(bytes.readInt32LE(at), multiplier)
    word ^= word >>> 24
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier)
  }
  if (bytes.length > whole) {
    for (let at = bytes.length - 1; at >= whole; at--) hash ^= (bytes[at] ?? 0) << (8 * (at - whole))
    hash = Math.imul(hash, multiplier)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, multiplier)
  return hash ^ (hash >>> 15)
}
