/** Lines of a configuration file as Mosquitto cuts them: a name, blanks, the rest. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { HawserError } from '@hawser/std'
import type { Place } from './conf.ts'

export interface ConfLine extends Place {
  readonly name: string
  readonly rest: string
}

const confBytesMax = 4 << 20
/** A million users with their hashes. */
const namedFileBytesMax = 256 << 20

export async function readLines(file: string): Promise<readonly ConfLine[]> {
  const text = await readConfText(file, confBytesMax)
  return text.split('\n').flatMap((raw, index): ConfLine[] => {
    // Only a # in the first column begins a comment: elsewhere it belongs to what stands there.
    if (raw.startsWith('#')) return []
    const line = raw.replace(/\r+$/, '').replace(/^ +/, '')
    if (line === '') return []
    const end = line.indexOf(' ')
    const name = end === -1 ? line : line.slice(0, end)
    return [{ file, line: index + 1, name, rest: end === -1 ? '' : line.slice(end).trim() }]
  })
}

/** Of the configuration itself, and of the files with passwords and rights that it names. */
export async function readConfText(file: string, bytesMax = namedFileBytesMax): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > bytesMax) throw new Error(`it has more than ${bytesMax} bytes`)
    const bytes = await readFile(file)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new HawserError('CONFIG_INVALID', `${file}: ${whyUnread(cause)}`, {
      mend: 'give a file that can be read',
      cause,
    })
  }
}

function whyUnread(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
      return 'there is no such file'
    case 'EISDIR':
      return 'it is a folder'
    case 'EACCES':
      return 'it may not be read by this user'
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'it is not UTF-8'
    default:
      return message
  }
}

/** The files of an `include_dir`, in Mosquitto's order: letters first without regard to case, then with it. */
export async function includedFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder)
  return names
    .filter((name) => name.endsWith('.conf') && name.length > '.conf'.length)
    .toSorted(compareNames)
    .map((name) => `${folder}/${name}`)
}

/** Byte by byte; two bytes that are one letter in two cases are told apart before the next ones are looked at. */
export function compareNames(left: string, right: string): number {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [x, y] = [a[index] ?? 0, b[index] ?? 0]
    const order = capital(x) - capital(y) || x - y
    if (order !== 0) return order
  }
  return a.length - b.length
}

const capital = (byte: number): number => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte)
