/** Well-formedness of UTF-8 by Unicode's table 3-7, and MQTT's ban of U+0000. */
import { byteAt } from './bytes.ts'

const continues = (byte: number): boolean => (byte & 0xc0) === 0x80

/** How many bytes the well-formed code point at `at` takes; 0 where it is ill-formed. Only for a lead byte ≥ 0x80. */
function codePointBytes(buffer: Uint8Array, at: number, end: number): number {
  const lead = byteAt(buffer, at)
  // 0x80–0xBF cannot lead, 0xC0 and 0xC1 would be overlong, 0xF5 and above lie past U+10FFFF.
  if (lead < 0xc2 || lead > 0xf4) return 0
  const bytes = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  if (at + bytes > end) return 0
  const second = byteAt(buffer, at + 1)
  if (!continues(second)) return 0
  if (lead === 0xe0 && second < 0xa0) return 0 // overlong
  if (lead === 0xed && second > 0x9f) return 0 // a surrogate [MQTT-1.5.4-1]
  if (lead === 0xf0 && second < 0x90) return 0 // overlong
  if (lead === 0xf4 && second > 0x8f) return 0 // past U+10FFFF
  if (bytes > 2 && !continues(byteAt(buffer, at + 2))) return 0
  if (bytes > 3 && !continues(byteAt(buffer, at + 3))) return 0
  return bytes
}

/**
 * Whether the bytes are a UTF-8 Encoded String of MQTT: well-formed [MQTT-1.5.4-1], without U+0000 [MQTT-1.5.4-2];
 * v3.1.1 [MQTT-1.5.3-1] [MQTT-1.5.3-2]. Control characters and non-characters may pass: both only say SHOULD NOT.
 */
export function isText(buffer: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end) {
    const byte = byteAt(buffer, at)
    if (byte === 0) return false
    if (byte < 0x80) at++
    else {
      const bytes = codePointBytes(buffer, at, end)
      if (bytes === 0) return false
      at += bytes
    }
  }
  return true
}
