import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Identity } from '@hawser/broker'
import * as fc from 'fast-check'
import { identity } from '../testing/candidate.ts'
import { covers, filterMatches, overlaps } from './filter-match.ts'
import { parseRoles } from './role-file.ts'
import { publishing, type Rule, reading, readingAndPublishing } from './rule.ts'
import { Rules } from './rules.ts'

/** The plain version: by levels, as section 4.7 tells it. */
function matchesPlainly(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const [want, have] = [filter.split('/'), topic.split('/')]
  for (const [index, level] of want.entries()) {
    if (level === '#') return true
    if (index >= have.length) return false
    if (level !== '+' && level !== have[index]) return false
  }
  return want.length === have.length
}
const parentMatches = (filter: string, topic: string): boolean =>
  matchesPlainly(filter, topic) || (filter.endsWith('/#') && matchesPlainly(filter.slice(0, -2), topic))

const word = fc.constantFrom('', 'a', 'b', '$x')
const topics = fc
  .array(word, { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join('/'))
  .filter(Boolean)
const filters = fc
  .tuple(fc.array(fc.oneof(word, fc.constant('+')), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, hash]) => [...levels, ...(hash ? ['#'] : [])].join('/'))
  .filter(Boolean)

describe('topic filters', () => {
  it('match as section 4.7 says', () => {
    fc.assert(
      fc.property(filters, topics, (filter, topic) => filterMatches(filter, topic) === parentMatches(filter, topic)),
    )
  })

  it('cover only what they match wholly, and overlap wherever both match', () => {
    fc.assert(
      fc.property(filters, filters, topics, (outer, inner, topic) => {
        if (!parentMatches(inner, topic)) return true
        if (covers(outer, inner) && !parentMatches(outer, topic)) return false
        return !parentMatches(outer, topic) || overlaps(outer, inner)
      }),
      { numRuns: 3_000 },
    )
  })

  for (const [outer, inner, covered, overlapping] of [
    ['a/#', 'a', true, true],
    ['a/#', 'a/+/c', true, true],
    ['a/+', 'a/#', false, true],
    ['a/+/c', 'a/b/#', false, true],
    ['#', '#', true, true],
    ['#', '$SYS/#', false, false],
    ['+', '#', false, true],
    ['a/b', 'a', false, false],
    ['a', 'a/#', false, true],
    ['+/b', 'a/+', false, true],
    ['a/b', 'a/bc', false, false],
  ] as const) {
    it(`${outer} and ${inner}: ${covered ? 'covered' : 'not covered'}, ${overlapping ? 'overlapping' : 'apart'}`, () => {
      assert.equal(covers(outer, inner), covered)
      assert.equal(overlaps(outer, inner), overlapping)
      assert.equal(overlaps(inner, outer), overlapping)
    })
  }
})

const allow = (filter: string, subject: Rule['subject'] = {}, actions = readingAndPublishing): Rule => ({
  permission: 'allow',
  actions,
  filter,
  subject,
})
const deny = (filter: string, subject: Rule['subject'] = {}, actions = readingAndPublishing): Rule => ({
  ...allow(filter, subject, actions),
  permission: 'deny',
})

const rules = (list: readonly Rule[], roles = new Map<string, readonly string[]>()): Rules =>
  new Rules({ rules: list, otherwise: 'deny', subscriptions: 'judged', roles })

const may = (set: Rules, who: Identity, action: 'publish' | 'subscribe' | 'receive', topic: string): boolean =>
  (set.permission(who, action, topic) ?? (set.otherwise(who) ? 'allow' : 'deny')) === 'allow'

describe('rules', () => {
  it('decide by the first that matches, and deny where none does', () => {
    const set = rules([deny('a/secret'), allow('a/#')])
    assert.equal(may(set, identity(), 'publish', 'a/x'), true)
    assert.equal(may(set, identity(), 'publish', 'a/secret'), false)
    assert.equal(may(set, identity(), 'publish', 'b'), false)
  })

  it('let a subscription through only where all it could match is allowed, and none of it denied', () => {
    const set = rules([deny('a/secret'), allow('a/#'), allow('b/+', {}, reading)])
    for (const [filter, allowed] of Object.entries({
      'a/x/#': true,
      'a/#': false,
      'a/+': false,
      'b/+': true,
      'b/#': false,
      '#': false,
      'a/secret': false,
    })) {
      assert.equal(may(set, identity(), 'subscribe', filter), allowed, filter)
    }
  })

  it('are about users, roles, client ids, listeners and the anonymous', () => {
    const roles = new Map([['bob', ['operator']]])
    const set = rules(
      [
        allow('u', { users: ['ann'] }),
        allow('r', { roles: ['operator'] }),
        allow('c', { clientIds: ['pump-7'] }),
        allow('l', { listeners: ['ws'] }),
        allow('n', { anonymous: true }),
        allow('k', { anonymous: false }),
        allow('both', { users: ['ann'], listeners: ['ws'] }),
      ],
      roles,
    )
    const allowed = (who: Identity): string =>
      ['u', 'r', 'c', 'l', 'n', 'k', 'both'].filter((topic) => may(set, who, 'publish', topic)).join(' ')
    assert.equal(allowed(identity()), 'u c k')
    assert.equal(allowed(identity({ username: 'bob', clientId: 'x' })), 'r k')
    assert.equal(allowed(identity({ username: 'eve', clientId: 'x', roles: ['operator'] })), 'r k')
    assert.equal(allowed(identity({ username: undefined, clientId: 'x', listener: 'ws' })), 'l n')
    assert.equal(allowed(identity({ listener: 'ws' })), 'u c l k both')
  })

  it('fill in user name and client id, and match nothing where a name would reach beyond its level', () => {
    const set = rules([allow('home/%u/%c/#')])
    assert.equal(may(set, identity(), 'publish', 'home/ann/pump-7/x'), true)
    assert.equal(may(set, identity(), 'publish', 'home/bob/pump-7/x'), false)
    for (const name of ['+', '#', 'ann/pump-7', 'a+', '']) {
      for (const who of [identity({ username: name }), identity({ clientId: name })]) {
        assert.equal(may(set, who, 'publish', `home/${name}/pump-7/x`), false, name)
        assert.equal(may(set, who, 'subscribe', `home/+/+/#`), false, name)
        assert.equal(may(set, who, 'subscribe', `home/ann/pump-7/#`), false, name)
      }
    }
    assert.equal(may(set, identity({ username: undefined }), 'publish', 'home//pump-7/x'), false)
  })

  it('of a name with $ in it take the name as it is', () => {
    const set = rules([allow('home/%u/#')])
    assert.equal(may(set, identity({ username: '$&' }), 'publish', 'home/$&/x'), true)
    assert.equal(may(set, identity({ username: '$&' }), 'publish', 'home/%u/x'), false)
    assert.equal(may(rules([allow('%u/#')]), identity({ username: '$SYS' }), 'receive', '$SYS/broker/uptime'), false)
  })

  it('of a credential come first, and leave nothing to an open default', () => {
    const own = [{ permission: 'deny', actions: publishing, filter: 'a' }] as const
    const open = new Rules({ rules: [allow('a'), allow('b')], otherwise: 'allow', subscriptions: 'judged' })
    const bearer = identity({ rules: own })
    assert.equal(may(open, bearer, 'publish', 'a'), false)
    assert.equal(may(open, bearer, 'publish', 'b'), true)
    assert.equal(may(open, bearer, 'publish', 'c'), false)
    assert.equal(may(open, identity(), 'publish', 'c'), true)
  })

  it('leave subscriptions to the delivery where that is said', () => {
    const set = new Rules({ rules: [allow('a', {}, reading)], otherwise: 'deny', subscriptions: 'at-delivery' })
    assert.equal(may(set, identity(), 'subscribe', '#'), true)
    assert.equal(may(set, identity(), 'receive', 'b'), false)
  })

  it('count from the moment they are replaced', () => {
    const set = rules([allow('a')])
    const who = identity()
    assert.equal(may(set, who, 'publish', 'a'), true)
    set.replace({ rules: [], otherwise: 'deny', subscriptions: 'judged' })
    assert.equal(may(set, who, 'publish', 'a'), false)
  })
})

describe('role file', () => {
  it('names roles of users, and its faults by line', () => {
    const { roles, faults } = parseRoles(
      'roles',
      '# who\noperator: ann, bob\n\nviewer: bob\noperator: eve\n: x\nnone\n',
    )
    assert.deepEqual(roles.get('bob'), ['operator', 'viewer'])
    assert.deepEqual(
      faults.map(({ where, what }) => `${where}: ${what}`),
      [
        'roles:5: role "operator" is there twice',
        'roles:6: it is no role: user, user',
        'roles:7: it is no role: user, user',
      ],
    )
  })
})
