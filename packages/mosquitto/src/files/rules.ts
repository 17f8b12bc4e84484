/**
 * An ACL file as a list of rules of which the first that matches decides, and nothing is allowed where none does:
 * Mosquitto asks a user's denials, then his permissions, then the patterns' denials, then their permissions.
 */
import type { AclAccess, AclEntry, AclFile } from './acl-file.ts'

export interface FileRule {
  readonly permission: 'allow' | 'deny'
  readonly actions: readonly ('publish' | 'receive')[]
  readonly filter: string
}

const actionsOf: Readonly<Record<AclAccess, FileRule['actions']>> = {
  read: ['receive'],
  write: ['publish'],
  readwrite: ['publish', 'receive'],
  deny: ['publish', 'receive'],
}

export const userRules = ({ users, anonymous }: AclFile, username: string | undefined): readonly FileRule[] =>
  ordered(username === undefined ? anonymous : (users.get(username) ?? []))

/** Their filters hold %c and %u. */
export const patternRules = ({ patterns }: AclFile): readonly FileRule[] => ordered(patterns)

const ordered = (entries: readonly AclEntry[]): readonly FileRule[] => [
  ...entries.filter(({ access }) => access === 'deny').map(ruleOf),
  ...entries.filter(({ access }) => access !== 'deny').map(ruleOf),
]

const ruleOf = ({ access, filter }: AclEntry): FileRule => ({
  permission: access === 'deny' ? 'deny' : 'allow',
  actions: actionsOf[access],
  filter,
})
