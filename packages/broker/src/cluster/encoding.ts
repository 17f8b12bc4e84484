/** Messages between processes that are not on the hot path: one byte of version, then JSON. */

/** Of all that goes over the bus; processes that speak another one are not talked to. */
export const wireVersion = 1

export function encodeMessage(value: unknown): Buffer {
  const text = JSON.stringify(value)
  const bytes = Buffer.allocUnsafe(1 + Buffer.byteLength(text))
  bytes[0] = wireVersion
  bytes.write(text, 1)
  return bytes
}

/** Of another version: undefined. The caller knows what it asked for, so that the shape is its own to name. */
export function decodeMessage<Message>(bytes: Uint8Array): Message | undefined {
  if (bytes[0] !== wireVersion) return undefined
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1).toString('utf8')) as Message
}
