/**
 * The folder of the embedded database. Making one takes seconds, and what was left in the middle does not open: so a
 * mark says that it was finished, and without it there is nothing in the folder worth keeping.
 */
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const databaseFolder = (folder: string): string => join(folder, 'database')
const markOf = (folder: string): string => join(folder, 'finished')

/** Removes what was left unfinished; answers whether the database is yet to be made. */
export async function beginFolder(folder: string): Promise<boolean> {
  if (existsSync(markOf(folder))) return false
  await rm(databaseFolder(folder), { recursive: true, force: true })
  return true
}

export const finishFolder = (folder: string): Promise<void> => writeFile(markOf(folder), '', { flush: true })
