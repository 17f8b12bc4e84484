import type { EpochMicros } from '@hawser/std'
import type { Reading } from '../reading/types.ts'
import type { Specification } from '../specification/specification.ts'
import type { MachineState, MachineStep } from './types.ts'

/**
 * Adds admitted readings of one machine, in any order, and says which rows and alarms changed.
 *
 * `seenUntil` is what the caller promises: every record appended before it has been given to Stage A (the least
 * over the partitions; now, where a reader stands at the end of its partition). It makes windows final and lets old
 * readings go; call with no readings when only time has passed.
 */
export function stepMachine(
  _specification: Specification,
  _key: string,
  _state: MachineState,
  _readings: readonly Reading[],
  _seenUntil: EpochMicros,
): MachineStep {
  throw new Error('not yet')
}
