/** Looks at every row of a state store without opening it for writing. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HawserError } from '@hawser/std'
import { formatKey, openDatabase } from './local-state.ts'
import { decodeRevision, rowName } from './row-codec.ts'

export interface DamagedRow {
  readonly file: string
  readonly key: string
  readonly what: string
}

const dataName = 'data.mdb'

/** LMDB itself proves nothing of its pages: what it cannot read is told as it says it. */
export async function checkState(
  folder: string,
): Promise<{ readonly rows: number; readonly damage: readonly DamagedRow[] }> {
  const file = join(folder, dataName)
  if (!existsSync(file)) return { rows: 0, damage: [] }
  const damage: DamagedRow[] = []
  let rows = 0
  try {
    const database = openDatabase(folder, true)
    try {
      for (const { key, value } of database.getRange({})) {
        if (key.equals(formatKey)) continue
        rows++
        if (!isSound(key, value)) damage.push({ file, key: rowName(key), what: 'it is not what was written' })
      }
    } finally {
      await database.close()
    }
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    damage.push({ file, key: '', what: `the store cannot be read: ${what}` })
  }
  return { rows, damage }
}

function isSound(key: Buffer, value: Buffer): boolean {
  try {
    decodeRevision(key, value)
    return true
  } catch (error) {
    if (error instanceof HawserError) return false
    throw error
  }
}
