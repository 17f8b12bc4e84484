/** A consistent copy of a state store that others write meanwhile. */
import { existsSync } from 'node:fs'
import { chmod, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { type BackupFile, sumOf } from '../upkeep/manifest.ts'
import { explainFailure } from './failure.ts'
import { openDatabase } from './local-state.ts'

/** Answers the files written below `target`. */
export async function copyState(folder: string, target: string): Promise<readonly BackupFile[]> {
  if (!existsSync(join(folder, 'data.mdb'))) return []
  const path = 'state/data.mdb'
  const copy = join(target, path)
  await mkdir(join(target, 'state'), { recursive: true, mode: 0o700 })
  try {
    const database = openDatabase(folder, true)
    try {
      await database.backup(join(target, 'state'), true)
    } finally {
      await database.close()
    }
  } catch (error) {
    throw await explainFailure(error, folder)
  }
  await chmod(copy, 0o600)
  await using file = await open(copy)
  await file.sync()
  const sum = await sumOf(copy)
  return sum === undefined ? [] : [{ path, ...sum }]
}
