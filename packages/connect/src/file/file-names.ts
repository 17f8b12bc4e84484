/** Names of the files in a folder of logs: `messages-000042.ndjson`, with `.gz` behind it once compressed. */
import { readdir } from 'node:fs/promises'

export interface LogFile {
  readonly name: string
  readonly sequence: number
  readonly kind: 'plain' | 'compressed' | 'half-compressed'
}

const pattern = /^messages-(\d{6,})\.ndjson(\.gz|\.gz\.new)?$/

export const plainName = (sequence: number): string => `messages-${String(sequence).padStart(6, '0')}.ndjson`

/** Oldest first; files of other names are none of ours. */
export async function listLogFiles(folder: string): Promise<readonly LogFile[]> {
  const names = await readdir(folder)
  return names.flatMap((name) => parseName(name) ?? []).sort((left, right) => left.sequence - right.sequence)
}

function parseName(name: string): LogFile | undefined {
  const match = pattern.exec(name)
  if (match === null) return undefined
  const kind = match[2] === undefined ? 'plain' : match[2] === '.gz' ? 'compressed' : 'half-compressed'
  return { name, sequence: Number(match[1]), kind }
}
