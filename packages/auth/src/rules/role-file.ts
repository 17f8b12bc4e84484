/** `role: user, user`, one role a line; `#` begins a comment. */
import { readFile } from 'node:fs/promises'
import { HawserError } from '@hawser/std'
import { type FileFault, type Reloadable, whyUnreadable } from '../reload.ts'

export type Roles = ReadonlyMap<string, readonly string[]>

export function parseRoles(
  name: string,
  text: string,
): { readonly roles: Roles; readonly faults: readonly FileFault[] } {
  const roles = new Map<string, string[]>()
  const faults: FileFault[] = []
  const seen = new Set<string>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const colon = line.indexOf(':')
    const role = line.slice(0, Math.max(0, colon)).trim()
    const what =
      role === '' ? 'it is no role: user, user' : seen.has(role) ? `role "${role}" is there twice` : undefined
    if (what !== undefined) faults.push({ where: `${name}:${index + 1}`, what })
    seen.add(role)
    for (const user of usersOf(line.slice(colon + 1))) roles.set(user, [...(roles.get(user) ?? []), role])
  }
  return { roles, faults }
}

const usersOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((user) => user.trim())
    .filter((user) => user !== '')

export class RoleFile implements Reloadable {
  readonly #path: string
  readonly #take: (roles: Roles) => void

  private constructor(path: string, take: (roles: Roles) => void) {
    this.#path = path
    this.#take = take
  }

  /** `take` gets the roles now, and at each reload that finds a good file. */
  static async open(path: string, take: (roles: Roles) => void): Promise<RoleFile> {
    const file = new RoleFile(path, take)
    const [first] = await file.reload()
    if (first === undefined) return file
    throw new HawserError('CONFIG_INVALID', `${first.where}: ${first.what}`, {
      mend: 'write lines of role: user, user',
    })
  }

  async reload(): Promise<readonly FileFault[]> {
    try {
      const { roles, faults } = parseRoles(this.#path, await readFile(this.#path, 'utf8'))
      if (faults.length === 0) this.#take(roles)
      return faults
    } catch (error) {
      return [{ where: this.#path, what: whyUnreadable(error) }]
    }
  }
}
