/** A data folder seen from outside, by who does not open it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HawserError } from '@hawser/std'
import { isKnownVersion, versionName } from '../lock/data-directory.ts'
import { errorCode } from '../log/files.ts'

/** Throws where there is no data folder, or one that this Hawser does not know. */
export function layoutVersionOf(folder: string): string {
  let text: string
  try {
    text = readFileSync(join(folder, versionName), 'utf8').trim()
  } catch (error) {
    const code = errorCode(error)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    throw new HawserError('DATA_DIR_UNUSABLE', `${folder} is no data folder: it has no file ${versionName}`, {
      mend: 'name the folder that Hawser was started with, by --data-dir',
      cause: error,
    })
  }
  if (isKnownVersion(text)) return text
  throw new HawserError('DATA_DIR_VERSION', `data folder ${folder} has version ${text}, which is not known here`, {
    mend: 'use the version of Hawser that wrote it',
  })
}
