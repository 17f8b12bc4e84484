/** `user:hash`, one a line; `#` begins a comment. Mosquitto's files are read as they are. */
import type { FileFault } from '../reload.ts'
import { parseStoredHash, type StoredHash } from './stored-hash.ts'

export interface Passwords {
  readonly users: ReadonlyMap<string, StoredHash>
  readonly faults: readonly FileFault[]
}

const usersMax = 1_000_000

export function parsePasswords(name: string, text: string): Passwords {
  const users = new Map<string, StoredHash>()
  const faults: FileFault[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const what = takeLine(line, users)
    if (what !== undefined) faults.push({ where: `${name}:${index + 1}`, what })
    if (users.size > usersMax) return { users, faults: [{ where: name, what: `more than ${usersMax} users` }] }
  }
  return { users, faults }
}

/** What is wrong with it, if anything; never what stands in it. */
function takeLine(line: string, users: Map<string, StoredHash>): string | undefined {
  const colon = line.indexOf(':')
  if (colon < 1) return 'it is no user:hash'
  const user = line.slice(0, colon)
  if (users.has(user)) return `user "${user}" is there twice`
  const stored = parseStoredHash(line.slice(colon + 1).trim())
  if (stored === undefined) return `the hash of "${user}" is of no known form, or costs too much`
  users.set(user, stored)
  return undefined
}
