/** What the rules say for one identity: what is about others left out, variables filled in. */
import type { AccessAction, AccessRule, Identity } from '@hawser/broker'
import { covers, filterMatches, overlaps } from './filter-match.ts'
import type { Rule, RuleSet, RuleSubject } from './rule.ts'
import { expand } from './variables.ts'

export interface Rights {
  readonly publish: readonly AccessRule[]
  readonly subscribe: readonly AccessRule[]
  readonly receive: readonly AccessRule[]
}

export function rightsOf(identity: Identity, { rules, roles }: RuleSet): Rights {
  const mine = new Set([...identity.roles, ...(roles?.get(identity.username ?? '') ?? [])])
  const compiled: AccessRule[] = [...(identity.rules ?? [])]
  for (const rule of rules) {
    if (!isAbout(rule.subject, identity, mine)) continue
    const filter = expand(rule.filter, identity)
    if (filter !== undefined) compiled.push({ ...rule, filter })
  }
  const of = (action: AccessAction): readonly AccessRule[] => compiled.filter(({ actions }) => actions.includes(action))
  return { publish: of('publish'), subscribe: of('subscribe'), receive: of('receive') }
}

function isAbout(subject: RuleSubject, identity: Identity, roles: ReadonlySet<string>): boolean {
  const { username, clientId, listener } = identity
  const { users, clientIds, listeners, anonymous } = subject
  return (
    (users === undefined || (username !== undefined && users.includes(username))) &&
    (subject.roles === undefined || subject.roles.some((role) => roles.has(role))) &&
    (clientIds === undefined || clientIds.includes(clientId)) &&
    (listeners === undefined || listeners.includes(listener)) &&
    (anonymous === undefined || anonymous === (username === undefined))
  )
}

export type Permission = Rule['permission']

/** Undefined where no rule matches. */
export function permissionOf(rights: Rights, action: AccessAction, topic: string): Permission | undefined {
  switch (action) {
    case 'publish':
    case 'receive':
      return first(rights[action], topic)
    case 'subscribe':
      return firstForFilter(rights.subscribe, topic)
    default:
      throw action satisfies never
  }
}

function first(rules: readonly AccessRule[], topic: string): Permission | undefined {
  for (const { filter, permission } of rules) if (filterMatches(filter, topic)) return permission
  return undefined
}

/** A subscription is allowed by a rule that allows all that it could match, and denied by one that denies any of it. */
function firstForFilter(rules: readonly AccessRule[], wanted: string): Permission | undefined {
  for (const { filter, permission } of rules) {
    if (permission === 'allow' ? covers(filter, wanted) : overlaps(filter, wanted)) return permission
  }
  return undefined
}
