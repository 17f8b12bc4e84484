/** Rules in force, and what each identity may do by them. */
import type { AccessAction, Identity } from '@hawser/broker'
import { permissionOf, type Rights, rightsOf } from './rights.ts'
import type { RuleSet } from './rule.ts'

export class Rules {
  #set: RuleSet
  /** An identity lives as long as its connection, and so does what was worked out for it. */
  #rights = new WeakMap<Identity, Rights>()

  constructor(set: RuleSet) {
    this.#set = set
  }

  /** Rules that were changed count at once. */
  replace(set: RuleSet): void {
    this.#set = set
    this.#rights = new WeakMap()
  }

  /** The rules stay, and who has which role beside its credential's changes. */
  replaceRoles(roles: RuleSet['roles']): void {
    const { roles: _, ...rest } = this.#set
    this.replace(roles === undefined ? rest : { ...rest, roles })
  }

  /** Undefined where no rule matches: `otherwise` is for whoever asks, since somebody else may be asked before. */
  permission(identity: Identity, action: AccessAction, topic: string): 'allow' | 'deny' | undefined {
    if (action === 'subscribe' && this.#set.subscriptions === 'at-delivery') return 'allow'
    let rights = this.#rights.get(identity)
    if (rights === undefined) {
      rights = rightsOf(identity, this.#set)
      this.#rights.set(identity, rights)
    }
    return permissionOf(rights, action, topic)
  }

  /** A credential that bears rules grants what they say: it never falls back on an open default. */
  otherwise(identity: Identity): boolean {
    return this.#set.otherwise === 'allow' && identity.rules === undefined
  }
}
