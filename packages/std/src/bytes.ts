/**
 * Fields and copies of the hot path.
 *
 * Lever: a call into native code costs as much as a copy of 200 bytes, and a loop over bytes is no better. A `DataView`
 * moves eight bytes at a time and V8 compiles it away, but making one costs as much as it gains: each buffer that lives
 * long keeps its own. Measure with the `bench/` row "QoS 1 pairs".
 */
const view = Symbol('view')

interface Viewed {
  [view]?: DataView
}

/** The view of a buffer, which keeps it: for buffers that are used again and again. */
export function viewOf(buffer: Uint8Array & Viewed): DataView {
  buffer[view] ??= new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  return buffer[view]
}

/** Above it native code is faster. */
const wordsBytesMax = 200
const wordBytes = 8
/** Up to here a loop is, where there are no views. */
const loopBytesMax = 40

/**
 * Copies and answers where the copy ends. Within one buffer the ranges may overlap if the target lies before the source.
 */
export function copyBytes(
  source: Buffer & Viewed,
  start: number,
  end: number,
  target: Buffer & Viewed,
  at: number,
): number {
  const bytes = end - start
  if (bytes < wordBytes) {
    for (let index = 0; index < bytes; index++) target[at + index] = source[start + index] as number
    return at + bytes
  }
  const from = source[view]
  const to = target[view]
  if (bytes > wordsBytesMax || from === undefined || to === undefined || source === target) {
    return copyUnviewed(source, start, end, target, at)
  }
  const lastWord = bytes - wordBytes
  for (let index = 0; index < lastWord; index += wordBytes) {
    to.setBigUint64(at + index, from.getBigUint64(start + index, true), true)
  }
  // It may overlap the one before.
  to.setBigUint64(at + lastWord, from.getBigUint64(start + lastWord, true), true)
  return at + bytes
}

function copyUnviewed(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  const bytes = end - start
  if (bytes > loopBytesMax) source.copy(target, at, start, end)
  else for (let index = 0; index < bytes; index++) target[at + index] = source[start + index] as number
  return at + bytes
}
