/** The Variable Byte Integer of MQTT 5.0, section 1.5.5; 3.1.1 has it as Remaining Length, section 2.2.3. */
import { byteAt } from './bytes.ts'

export const variableIntegerMax = 268_435_455

/** How many bytes `value` takes: 1 to 4. */
export function variableIntegerBytes(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  return value < 0x200000 ? 3 : 4
}

/** Writes `value` and answers the index behind it. */
export function writeVariableInteger(target: Uint8Array, at: number, value: number): number {
  let rest = value
  let next = at
  while (rest > 0x7f) {
    target[next++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  target[next++] = rest
  return next
}

export const integerUnfinished = -1
export const integerMalformed = -2

/** The value at `at`, or one of the two negative marks above. Its length is `variableIntegerBytes` where it is minimal. */
export function readVariableInteger(buffer: Uint8Array, at: number, end: number): number {
  let value = 0
  for (let index = 0; index < 4; index++) {
    if (at + index >= end) return integerUnfinished
    const byte = byteAt(buffer, at + index)
    value |= (byte & 0x7f) << (7 * index)
    if (byte < 0x80) return value
  }
  return integerMalformed
}

/** As `readVariableInteger`, but a longer form than needed is malformed too [MQTT-1.5.5-1]. */
export function readMinimalInteger(buffer: Uint8Array, at: number, end: number): number {
  const value = readVariableInteger(buffer, at, end)
  // A form that is too long still continues where the minimal one ends.
  return value >= 0 && byteAt(buffer, at + variableIntegerBytes(value) - 1) > 0x7f ? integerMalformed : value
}
