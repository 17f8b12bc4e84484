/** Mosquitto's rules about topics, asked as Mosquitto asks them: at a publish and at each delivery, not at a subscription. */
import { type Authorizer, type FileFault, filterMatches, type Reloadable } from '@hawser/auth'
import type { AccessAction, Identity } from '@hawser/broker'
import { HawserError } from '@hawser/std'
import { type AclFile, readAclFile } from '../files/acl-file.ts'
import { type FileRule, patternRules, userRules } from '../files/rules.ts'

/** Of one client: in the order in which they decide. */
type Rights = readonly FileRule[]

export class AclAuthorizer implements Authorizer, Reloadable {
  readonly #path: string
  #acl: AclFile
  /** An identity lives as long as its connection, and so does what was worked out for it. */
  #rights = new WeakMap<Identity, Rights>()

  private constructor(path: string, acl: AclFile) {
    this.#path = path
    this.#acl = acl
  }

  static async open(path: string): Promise<AclAuthorizer> {
    return new AclAuthorizer(path, await readAclFile(path))
  }

  authorize(identity: Identity, action: AccessAction, topic: string): boolean {
    if (action === 'subscribe') return true
    let rights = this.#rights.get(identity)
    if (rights === undefined) {
      rights = rightsOf(this.#acl, identity)
      this.#rights.set(identity, rights)
    }
    for (const { actions, filter, permission } of rights) {
      if (actions.includes(action) && filterMatches(filter, topic)) return permission === 'allow'
    }
    return false
  }

  forget(): void {
    this.#rights = new WeakMap()
  }

  async reload(): Promise<readonly FileFault[]> {
    try {
      this.#acl = await readAclFile(this.#path)
    } catch (error) {
      if (error instanceof HawserError) return [{ where: this.#path, what: error.message }]
      throw error
    }
    this.forget()
    return []
  }
}

const rightsOf = (acl: AclFile, identity: Identity): Rights => [
  ...userRules(acl, identity.username),
  ...patternsFor(patternRules(acl), identity),
]

/**
 * A name with a wildcard would reach beyond its own place: patterns give such a client nothing at all. One with a `/`
 * gets no permission by it either, but what is denied to it stays denied.
 */
function patternsFor(patterns: readonly FileRule[], { clientId, username }: Identity): Rights {
  if (/[+#]/.test(clientId) || (username !== undefined && /[+#]/.test(username))) return []
  return patterns.flatMap((rule): FileRule[] => {
    const { filter, permission } = rule
    if (filter.includes('%u') && username === undefined) return []
    const names = [...(filter.includes('%u') ? [username ?? ''] : []), ...(filter.includes('%c') ? [clientId] : [])]
    if (permission === 'allow' && names.some((name) => name === '' || name.includes('/'))) return []
    return [{ ...rule, filter: filter.replace(/%[uc]/g, (name) => (name === '%u' ? (username ?? '') : clientId)) }]
  })
}
