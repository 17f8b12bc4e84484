/** A topic's 32-bit hash: FNV-1a with a final mix. It stands in index blocks, so it never changes within a version. */
export function hashTopic(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** Of a name given as latin1, which is how bytes of UTF-8 are held as strings here. */
export function hashName(latin1: string): number {
  const bytes = Buffer.from(latin1, 'latin1')
  return hashTopic(bytes, 0, bytes.length)
}

/** Under which barriers stand in index blocks: no topic of MQTT holds this character. */
export const barrierName = Buffer.from('\0barrier')
export const barrierHash = hashTopic(barrierName, 0, barrierName.length)
