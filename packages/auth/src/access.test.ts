import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Authentication } from '@hawser/broker'
import { type AccessOptions, ConfiguredAccess } from './access.ts'
import { anonymousMethod, openMethod } from './anonymous/anonymous-method.ts'
import type { Chain } from './chain/chain.ts'
import { type AuthenticationMethod, accepted, notMine, type Verdict, wrongCredentials } from './method.ts'
import { ReplaceableAccess } from './replaceable-access.ts'
import { openRules } from './rules/rule.ts'
import { Rules } from './rules/rules.ts'
import { candidate, identity } from './testing/candidate.ts'

const method = (name: string, verdict: Verdict, asked: string[] = []): AuthenticationMethod => ({
  name,
  authenticate: () => {
    asked.push(name)
    return verdict
  },
  async [Symbol.asyncDispose]() {},
})

const chain = (...methods: readonly AuthenticationMethod[]): Chain => ({ methods, exchanges: [] })

const access = (given: Partial<AccessOptions> = {}): ConfiguredAccess =>
  new ConfiguredAccess({
    chains: new Map(),
    chain: chain(openMethod),
    binding: undefined,
    rules: new Rules(openRules),
    authorizer: undefined,
    files: [],
    resources: [],
    onFault: () => undefined,
    ...given,
  })

const outcome = (authentication: Authentication): string =>
  authentication.kind === 'accepted'
    ? `as ${authentication.identity.username}`
    : `0x${authentication.reasonCode.toString(16)} ${authentication.result}`

describe('chain', () => {
  it('is asked in its order until one decides', async () => {
    const asked: string[] = []
    const methods = [method('a', notMine, asked), method('b', accepted('ann'), asked), method('c', notMine, asked)]
    assert.equal(outcome(await access({ chain: chain(...methods) }).authenticate(candidate())), 'as ann')
    assert.deepEqual(asked, ['a', 'b'])
    const refusing = access({ chain: chain(method('a', wrongCredentials), method('b', accepted('ann'))) })
    assert.equal(outcome(await refusing.authenticate(candidate())), '0x86 bad-credentials')
  })

  it('lets nobody in whom no method knows, but for anonymous clients where that is said', async () => {
    const shut = access({ chain: chain(method('a', notMine)) })
    assert.equal(outcome(await shut.authenticate(candidate())), '0x87 no-credentials')
    const open = access({ chain: chain(method('a', notMine), anonymousMethod) })
    assert.equal(outcome(await open.authenticate(candidate())), 'as undefined')
    assert.equal(outcome(await open.authenticate(candidate({ username: 'root' }))), '0x87 no-credentials')
  })

  it('is a listener’s own', async () => {
    const own = access({ chain: chain(method('a', wrongCredentials)), chains: new Map([['ws', chain(openMethod)]]) })
    assert.equal(outcome(await own.authenticate(candidate())), '0x86 bad-credentials')
    assert.equal(outcome(await own.authenticate(candidate({ listener: 'ws', username: 'root' }))), 'as undefined')
  })

  it('refuses where a method breaks its word, and tells it', async () => {
    const told: string[] = []
    const broken: AuthenticationMethod = { ...method('a', notMine), authenticate: () => Promise.reject(new Error('x')) }
    const faulty = access({ chain: chain(broken), onFault: (what) => told.push(what) })
    assert.equal(outcome(await faulty.authenticate(candidate())), '0x88 unavailable')
    assert.deepEqual(told, ['authentication'])
  })
})

describe('client ids', () => {
  const bound = async (binding: AccessOptions['binding'], clientId: string, username = 'ann') =>
    outcome(
      await access({ binding, chain: chain(method('a', accepted(username))) }).authenticate(candidate({ clientId })),
    )

  it('are bound to the user name, whole or by a prefix', async () => {
    assert.equal(await bound({ kind: 'equals', name: 'username' }, 'ann'), 'as ann')
    assert.equal(await bound({ kind: 'equals', name: 'username' }, 'bob'), '0x85 not-authorized')
    assert.equal(await bound({ kind: 'prefix', prefix: '%u-' }, 'ann-phone'), 'as ann')
    assert.equal(await bound({ kind: 'prefix', prefix: '%u-' }, 'anna'), '0x85 not-authorized')
    assert.equal(await bound({ kind: 'prefix', prefix: '%u-' }, '$&-x', '$&'), 'as $&')
  })

  it('are bound to the certificate, and to nothing where there is none', async () => {
    assert.equal(await bound({ kind: 'equals', name: 'common-name' }, 'ann'), '0x85 not-authorized')
    assert.equal(await bound({ kind: 'prefix', prefix: '%n-' }, '-x'), '0x85 not-authorized')
    const anonymous = access({ binding: { kind: 'prefix', prefix: '%u-' } })
    assert.equal(outcome(await anonymous.authenticate(candidate({ clientId: '-x' }))), '0x85 not-authorized')
  })
})

describe('rights', () => {
  it('never let a client speak for the broker', () => {
    assert.equal(access().authorize(identity(), 'publish', '$SYS/broker/uptime'), false)
    assert.equal(access().authorize(identity(), 'publish', '$SYSTEM'), true)
    assert.equal(access().authorize(identity(), 'receive', '$SYS/broker/uptime'), true)
  })

  it('ask the callback only where no rule matches', () => {
    const asked: string[] = []
    const rules = new Rules({
      rules: [{ permission: 'deny', actions: ['publish'], filter: 'a', subject: {} }],
      otherwise: 'allow',
      subscriptions: 'judged',
    })
    const authorizer = {
      authorize: (_who: unknown, _action: unknown, topic: string) => {
        asked.push(topic)
        return false
      },
      forget: () => undefined,
      onChange: () => ({ [Symbol.dispose]: () => undefined }),
    }
    const both = access({ rules, authorizer })
    assert.equal(both.authorize(identity(), 'publish', 'a'), false)
    assert.equal(both.authorize(identity(), 'publish', 'b'), false)
    assert.deepEqual(asked, ['b'])
  })

  it('are asked for again after a reload, and after another configuration', async () => {
    let changes = 0
    const fault = { where: 'x:1', what: 'bad' }
    const replaceable = new ReplaceableAccess(access({ files: [{ reload: async () => [fault] }] }))
    using _heard = replaceable.onChange(() => changes++)
    assert.deepEqual(await replaceable.reload(), [fault])
    assert.equal(changes, 1)
    const closed: string[] = []
    await replaceable.replace(
      access({
        chain: chain(method('b', accepted('bob'))),
        resources: [{ [Symbol.asyncDispose]: async () => void closed.push('b') }],
      }),
    )
    assert.equal(changes, 2)
    assert.equal(outcome(await replaceable.authenticate(candidate())), 'as bob')
    await replaceable[Symbol.asyncDispose]()
    assert.deepEqual(closed, ['b'])
  })
})
