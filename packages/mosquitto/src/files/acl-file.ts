/**
 * Mosquitto's ACL file. What stands above the first `user` is for clients without a user name; `pattern` is for all,
 * wherever it stands.
 */
import type { Place } from '../conf/conf.ts'
import { readConfText } from '../conf/lines.ts'
import { fileError } from './fault.ts'

export const aclAccesses = ['read', 'write', 'readwrite', 'deny'] as const
export type AclAccess = (typeof aclAccesses)[number]

export interface AclEntry extends Place {
  readonly access: AclAccess
  readonly filter: string
}

export interface AclFile {
  readonly anonymous: readonly AclEntry[]
  readonly users: ReadonlyMap<string, readonly AclEntry[]>
  /** Filters with %c and %u. */
  readonly patterns: readonly AclEntry[]
}

export const readAclFile = async (file: string): Promise<AclFile> => parseAcl(file, await readConfText(file))

export function parseAcl(file: string, text: string): AclFile {
  const anonymous: AclEntry[] = []
  const users = new Map<string, AclEntry[]>()
  const patterns: AclEntry[] = []
  let current = anonymous
  for (const [index, raw] of text.split('\n').entries()) {
    const place = { file, line: index + 1 }
    const line = raw.trimEnd()
    if (line.startsWith('#')) continue
    const [, keyword = '', rest = ''] = /^ *([^ ]+)(?: +(.*))?$/.exec(line) ?? []
    switch (keyword) {
      case '':
        break
      case 'user':
        current = entriesOf(users, place, rest.trim())
        break
      case 'topic':
        current.push(entry(place, rest))
        break
      case 'pattern':
        patterns.push(entry(place, rest))
        break
      default:
        throw fileError(place, `${keyword} is not known`, 'a line begins with user, topic or pattern')
    }
  }
  return { anonymous, users, patterns }
}

function entriesOf(users: Map<string, AclEntry[]>, place: Place, name: string): AclEntry[] {
  if (name === '') throw fileError(place, 'user without a name', 'write it behind')
  const entries = users.get(name) ?? []
  users.set(name, entries)
  return entries
}

/** `readwrite a/b`, or a topic alone, which is for both. A topic with a blank in it needs the word before it. */
function entry(place: Place, rest: string): AclEntry {
  const [, first = '', topic] = /^([^ ]+)(?: +(.*))?$/.exec(rest) ?? []
  if (first === '') throw fileError(place, 'no topic stands here', 'write it behind')
  const access = topic === undefined ? 'readwrite' : aclAccesses.find((known) => known === first)
  if (access === undefined) throw fileError(place, `${first} is no access`, `use one of ${aclAccesses.join(', ')}`)
  const filter = (topic ?? first).trim()
  if (!isFilter(filter)) throw fileError(place, `${filter} is no topic filter`, '# stands last, + alone in its level')
  return { ...place, access, filter }
}

const isFilter = (filter: string): boolean =>
  filter !== '' &&
  filter
    .split('/')
    .every(
      (level, index, levels) => level === '+' || (level === '#' && index === levels.length - 1) || !/[+#]/.test(level),
    )
