import type { MachineState } from './types.ts'

export function encodeMachineState(_state: MachineState): string {
  throw new Error('not yet')
}

/** Throws `DATA_DIR_VERSION` for a format that this program does not know. */
export function decodeMachineState(_text: string): MachineState {
  throw new Error('not yet')
}
