/** Recordings stand outside the repository; tests that need them skip by name where they are absent. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = process.env['HAWSER_DATA_DIR_RECORDINGS'] ?? resolve(root, '../shared/data')

export const recordingPath = (name: string): string => resolve(folder, name)

/** Fields as text, without the header. The recordings quote, but have no comma or line break within a field. */
export const recordingRows = (path: string): readonly (readonly string[])[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(',').map((field) => field.replace(/^"(.*)"$/, '$1')))
