/** What a token or an answer says its bearer may do. What cannot be understood is no right, and no token. */
import { type AccessAction, type AccessRule, accessActions } from '@hawser/broker'
import { checkTopicFilter, isSharedFilter } from '@hawser/codec'

const rulesMax = 256
const rolesMax = 64

/** Undefined: there are none. Throws where they are not of a known form. */
export function rulesOf(claim: unknown): readonly AccessRule[] | undefined {
  if (claim === undefined) return undefined
  const rules = Array.isArray(claim) ? claim.map(ruleOf) : listsOf(claim)
  if (rules.length > rulesMax) throw new Error(`more than ${rulesMax} rules`)
  return rules
}

/** `{permission, actions, filter}`, or with `action` and `topic` as EMQX writes it. */
function ruleOf(claim: unknown): AccessRule {
  const { permission, actions, action, filter, topic } = objectOf(claim)
  if (permission !== 'allow' && permission !== 'deny') throw new Error('a rule is neither allow nor deny')
  return { permission, actions: listOf(actions ?? action).flatMap(actionOf), filter: filterOf(filter ?? topic) }
}

const lists: Readonly<Record<string, readonly AccessAction[]>> = {
  pub: ['publish'],
  sub: ['subscribe', 'receive'],
  all: accessActions,
}

/** `{pub: [filters], sub: [filters], all: [filters]}`. */
function listsOf(claim: unknown): readonly AccessRule[] {
  return Object.entries(objectOf(claim)).flatMap(([name, filters]) => {
    const actions = lists[name]
    if (actions === undefined) throw new Error('a list is none of pub, sub and all')
    return listOf(filters).map((filter): AccessRule => ({ permission: 'allow', actions, filter: filterOf(filter) }))
  })
}

const words: Readonly<Record<string, readonly AccessAction[]>> = {
  publish: ['publish'],
  write: ['publish'],
  subscribe: ['subscribe', 'receive'],
  read: ['subscribe', 'receive'],
  receive: ['receive'],
  all: accessActions,
}

function actionOf(word: unknown): readonly AccessAction[] {
  const actions = typeof word === 'string' && Object.hasOwn(words, word) ? words[word] : undefined
  if (actions === undefined) throw new Error('an action has no known name')
  return actions
}

function filterOf(value: unknown): string {
  if (typeof value !== 'string' || checkTopicFilter(value) !== undefined || isSharedFilter(value)) {
    throw new Error('a filter is no topic filter')
  }
  return value
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Error('a claim is no object')
}

/** A list, or words with spaces between them as `scope` has them. */
export function rolesOf(claim: unknown): readonly string[] {
  if (claim === undefined) return []
  const roles = typeof claim === 'string' ? claim.split(' ').filter((role) => role !== '') : claim
  if (!Array.isArray(roles) || roles.length > rolesMax || !roles.every((role) => typeof role === 'string')) {
    throw new Error('roles are no list of names')
  }
  return roles
}
