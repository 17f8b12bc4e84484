import type { Clock } from '@hawser/std'
import { type Position, position } from '../log.ts'
import type { StateStore } from '../state.ts'

const table = 'engine'
const key = 'volatile-birth'
/** More records than a life appends while the wall clock, in microseconds, goes on by less. */
const recordsOfLife = 2 ** 36

/**
 * Where the positions of the volatile partition begin in this life: past all of earlier ones, so that a cursor that
 * somebody has kept over it stands below its start, whatever the clock has done meanwhile.
 */
export async function nextBirth(state: StateStore, clock: Clock): Promise<Position> {
  const row = await state.get(table, key)
  const earlier = row === undefined ? 0 : Number(row.value.toString('utf8'))
  const birth = Math.max(clock.wallMicros(), earlier === 0 ? 0 : earlier + recordsOfLife)
  await state.write([{ table, key, value: Buffer.from(String(birth)) }])
  return position(birth)
}
