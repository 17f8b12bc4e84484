/**
 * Says, in a lane's folder, that what its last owner left was taken over up to the end of the lane: so it is no orphan,
 * also for processes that start later. Void as soon as the lane has another end.
 */
import { readFileSync, renameSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, nodeFiles } from '../files.ts'

const takenOverName = 'taken-over'

export async function writeTakenOver(laneFolder: string, end: number): Promise<void> {
  const path = join(laneFolder, takenOverName)
  {
    await using file = await open(`${path}.new`, 'w', 0o600)
    await file.writeFile(`${end}\n`)
    await file.sync()
  }
  renameSync(`${path}.new`, path)
  nodeFiles.syncFolder(laneFolder)
}

/** The end up to which it was; undefined where it never was. */
export function readTakenOver(laneFolder: string): number | undefined {
  try {
    return Number(readFileSync(join(laneFolder, takenOverName), 'utf8'))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
