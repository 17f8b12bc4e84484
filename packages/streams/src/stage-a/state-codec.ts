/** A machine's state as text, with a version. Integers beyond 2⁵³ are tagged: JSON has no other way to keep them. */
import { HawserError } from '@hawser/std'
import type { MachineState } from './types.ts'

const format = 1
const tag = 'i64'

export function encodeMachineState(state: MachineState): string {
  return JSON.stringify({ format, state }, (_key, value: unknown) =>
    typeof value === 'bigint' ? { [tag]: value.toString() } : value,
  )
}

/** Throws `DATA_DIR_VERSION` for a format that this program does not know. */
export function decodeMachineState(text: string): MachineState {
  const { format: found, state } = JSON.parse(text, untag) as { readonly format: unknown; readonly state: MachineState }
  if (found !== format) {
    throw new HawserError('DATA_DIR_VERSION', `KPI state of format ${String(found)}; this program knows ${format}`, {
      mend: 'start the program that wrote it, or rebuild the KPI tables from the log',
    })
  }
  return state
}

function untag(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, tag)) return value
  return BigInt((value as { readonly [tag]: string })[tag])
}
