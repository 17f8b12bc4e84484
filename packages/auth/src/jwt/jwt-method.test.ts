import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Candidate } from '@hawser/broker'
import { ManualClock, temporaryFolder } from '@hawser/std/testing'
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { type MethodUnderTest, methodContract } from '../contract/method.contract.ts'
import { candidate } from '../testing/candidate.ts'
import { JwtMethod, type JwtMethodOptions } from './jwt-method.ts'
import { KeySetFile, RemoteKeySet } from './key-set.ts'
import { KeysUnavailable, publicKeyOf, secretKeys, type TokenKeys } from './token-keys.ts'

const nowSeconds = 1_700_000_000
const secret = Buffer.from('a secret of thirty-two bytes or more')
const rsa = await generateKeyPair('RS256')
const otherRsa = await generateKeyPair('RS256')

const claims = (further: JWTPayload = {}): JWTPayload => ({ sub: 'ann', exp: nowSeconds + 60, ...further })

const signed = (payload: JWTPayload, key: Parameters<SignJWT['sign']>[0] = secret, alg = 'HS256', kid?: string) =>
  new SignJWT(payload).setProtectedHeader({ alg, ...(kid !== undefined && { kid }) }).sign(key)

/** As an attacker writes it, whom no library helps. */
const forged = (header: object, payload: JWTPayload): string =>
  `${[header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`

const withToken = async (token: Promise<string> | string): Promise<Candidate> => candidate({ secret: await token })

const method = (options: Partial<JwtMethodOptions> = {}, clock = new ManualClock(nowSeconds * 1e6)): JwtMethod =>
  new JwtMethod({ keys: secretKeys(secret), clock, ...options })

const opened = (jwt: JwtMethod) => ({ method: jwt, log: [], [Symbol.asyncDispose]: () => jwt[Symbol.asyncDispose]() })

const good = await signed(claims())

const jwt: MethodUnderTest = {
  name: 'jwt',
  open: async () => opened(method({ issuer: 'https://issuer.example', audience: 'hawser' })),
  good: {
    candidate: () => withToken(signed(claims({ iss: 'https://issuer.example', aud: ['hawser', 'other'] }))),
    username: 'ann',
  },
  bad: {
    'wrong signature': () => withToken(signed(claims(), Buffer.from('another secret of the same length...'))),
    expired: () => withToken(signed(claims({ exp: nowSeconds - 1 }))),
    'not yet': () => withToken(signed(claims({ nbf: nowSeconds + 5 }))),
    'without expiry': () => withToken(signed({ sub: 'ann' })),
    'another issuer': () => withToken(signed(claims({ iss: 'https://issuer.example.org', aud: 'hawser' }))),
    'another audience': () => withToken(signed(claims({ iss: 'https://issuer.example', aud: 'x' }))),
    unsigned: () => withToken(forged({ alg: 'none' }, claims())),
    'without a name': () => withToken(signed({ exp: nowSeconds + 60 })),
    'too large': () =>
      withToken(signed(claims({ iss: 'https://issuer.example', aud: 'hawser', pad: 'x'.repeat(20_000) }))),
  },
  foreign: candidate({ username: 'ann', secret: 'no.token.' }),
  secrets: [secret.toString(), good],
  async slow() {
    const held: (() => void)[] = []
    const keys: TokenKeys = {
      family: 'secret',
      find: () => new Promise((resolve) => held.push(() => resolve(secret))),
    }
    const busy = method({ keys, limits: { runningMax: 1, waitingMax: 1 } })
    return { ...opened(busy), answer: () => release(held) }
  },
  broken: async () =>
    opened(method({ keys: { family: 'secret', find: () => Promise.reject(new KeysUnavailable('x')) } })),
}

/** The key is asked for in a later turn than the token is handed in. */
function release(held: (() => void)[]): void {
  const next = held.shift()
  if (next === undefined) setImmediate(() => release(held))
  else next()
}

methodContract(jwt)

describe('jwt', () => {
  it('takes no public key for a secret, and nothing but the algorithms that are allowed', async () => {
    const pem = await exportSPKI(rsa.publicKey)
    await using byKey = method({ keys: publicKeyOf(pem), algorithms: ['RS256'] })
    const verdict = async (token: Promise<string> | string) => (await byKey.authenticate(await withToken(token))).kind
    assert.equal(await verdict(signed(claims(), rsa.privateKey, 'RS256')), 'accepted')
    // The public key is known to all: whoever signs with it as a secret has proved nothing.
    assert.equal(await verdict(signed(claims(), Buffer.from(pem), 'HS256')), 'refused')
    assert.equal(await verdict(signed(claims(), otherRsa.privateKey, 'RS256')), 'refused')
    const rs512 = await generateKeyPair('RS512')
    assert.equal(await verdict(signed(claims(), rs512.privateKey, 'RS512')), 'refused')
  })

  it('starts with no private key, and no secret that can be guessed', () => {
    assert.throws(() => publicKeyOf('-----BEGIN PRIVATE KEY-----'), { code: 'CONFIG_INVALID' })
    assert.throws(() => publicKeyOf('x'), { code: 'CONFIG_INVALID' })
    assert.throws(() => secretKeys(Buffer.from('short')), { code: 'CONFIG_INVALID' })
  })

  it('holds the user name of CONNECT to the claim where that is said', async () => {
    await using strict = method({ usernameMatches: true })
    assert.equal((await strict.authenticate({ ...(await withToken(good)), username: 'ann' })).kind, 'accepted')
    assert.equal((await strict.authenticate({ ...(await withToken(good)), username: 'bob' })).kind, 'refused')
    assert.equal((await strict.authenticate(await withToken(good))).kind, 'refused')
  })

  it('finds the token in the user name where that is said', async () => {
    await using inName = method({ tokenIn: 'username', usernameClaim: 'name' })
    const verdict = await inName.authenticate(candidate({ username: await signed(claims({ name: 'pump' })) }))
    assert.equal(verdict.kind === 'accepted' && verdict.proved.username, 'pump')
    assert.equal((await inName.authenticate(await withToken(good))).kind, 'not-mine')
  })

  it('reads roles, rules and the end of its life from the claims', async () => {
    await using plain = method()
    const proved = async (further: JWTPayload) => {
      const verdict = await plain.authenticate(await withToken(signed(claims(further))))
      return verdict.kind === 'accepted' ? verdict.proved : undefined
    }
    const bare = await proved({})
    assert.deepEqual([bare?.roles, bare?.rules, bare?.expiresAt], [[], undefined, (nowSeconds + 60) * 1e6])
    const full = await proved({ roles: ['a', 'b'], acl: { pub: ['x/#'], sub: 'y', all: [] } })
    assert.deepEqual(full?.roles, ['a', 'b'])
    assert.deepEqual(full?.rules, [
      { permission: 'allow', actions: ['publish'], filter: 'x/#' },
      { permission: 'allow', actions: ['subscribe', 'receive'], filter: 'y' },
    ])
    const list = await proved({ roles: 'a b', acl: [{ permission: 'deny', action: 'publish', topic: 'z' }] })
    assert.deepEqual(list?.roles, ['a', 'b'])
    assert.deepEqual(list?.rules, [{ permission: 'deny', actions: ['publish'], filter: 'z' }])
    for (const acl of [
      { push: ['x'] },
      [{ permission: 'permit', action: 'publish', topic: 'x' }],
      'x',
      [{}],
      { pub: ['a#'] },
    ]) {
      assert.equal(await proved({ acl }), undefined, JSON.stringify(acl))
    }
    assert.equal(await proved({ acl: { pub: Array.from({ length: 300 }, () => 'x') } }), undefined)
  })
})

interface KeyServer extends AsyncDisposable {
  readonly url: URL
  requests: number
  answer: { status: number; body: string }
}

async function keyServer(body: string): Promise<KeyServer> {
  const server: Server = createServer((_request, response) => {
    state.requests++
    response.writeHead(state.answer.status, { location: 'http://127.0.0.1:1/' }).end(state.answer.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const state: KeyServer = {
    url: new URL(`http://127.0.0.1:${port}/keys`),
    requests: 0,
    answer: { status: 200, body },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return state
}

const keySet = async (...kids: readonly (readonly [string, CryptoKey])[]): Promise<string> =>
  JSON.stringify({
    keys: await Promise.all(kids.map(async ([kid, key]) => ({ ...(await exportJWK(key)), kid, alg: 'RS256' }))),
  })

describe('key sets', () => {
  it('of a file are read again, and a bad one leaves the old in force', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'keys.json')
    await writeFile(path, await keySet(['one', rsa.publicKey]))
    const keys = await KeySetFile.open(path)
    await using byFile = method({ keys })
    const kindOf = async (key: CryptoKey, kid: string) =>
      (await byFile.authenticate(await withToken(signed(claims(), key, 'RS256', kid)))).kind
    assert.equal(await kindOf(rsa.privateKey, 'one'), 'accepted')
    assert.equal(await kindOf(otherRsa.privateKey, 'two'), 'refused')
    for (const bad of ['{', '{"keys":[]}', JSON.stringify({ keys: [{ kty: 'oct', k: 'x' }] })]) {
      await writeFile(path, bad)
      assert.equal((await keys.reload()).length, 1, bad)
    }
    assert.equal(await kindOf(rsa.privateKey, 'one'), 'accepted')
    await writeFile(path, await keySet(['two', otherRsa.publicKey]))
    assert.deepEqual(await keys.reload(), [])
    assert.equal(await kindOf(otherRsa.privateKey, 'two'), 'accepted')
    assert.equal(await kindOf(rsa.privateKey, 'one'), 'refused')
  })

  it('of a URL are fetched seldom, found anew, kept while it is down, and then let nobody in', async () => {
    await using server = await keyServer(await keySet(['one', rsa.publicKey]))
    const clock = new ManualClock(nowSeconds * 1e6)
    const told: string[] = []
    await using keys = new RemoteKeySet({ url: server.url, clock, onFault: (what) => told.push(what) })
    await using byUrl = method({ keys, expiryRequired: false }, clock)
    const verdictOf = async (key: CryptoKey, kid: string) => {
      const verdict = await byUrl.authenticate(await withToken(signed({ sub: 'ann' }, key, 'RS256', kid)))
      return verdict.kind === 'refused' ? verdict.result : verdict.kind
    }
    const many = await Promise.all([1, 2, 3].map(() => verdictOf(rsa.privateKey, 'one')))
    assert.deepEqual(many, ['accepted', 'accepted', 'accepted'])
    assert.equal(server.requests, 1)

    server.answer.body = await keySet(['one', rsa.publicKey], ['two', otherRsa.publicKey])
    assert.equal(await verdictOf(otherRsa.privateKey, 'two'), 'bad-credentials', 'not asked for again so soon')
    assert.equal(server.requests, 1)
    clock.advance(30_000)
    assert.equal(await verdictOf(otherRsa.privateKey, 'two'), 'accepted')
    assert.equal(server.requests, 2)

    server.answer.status = 500
    clock.advance(700_000)
    assert.equal(await verdictOf(rsa.privateKey, 'one'), 'accepted')
    assert.equal(server.requests, 3)
    assert.equal(await verdictOf(rsa.privateKey, 'one'), 'accepted')
    assert.equal(server.requests, 3)
    clock.advance(3_600_000)
    assert.equal(await verdictOf(rsa.privateKey, 'one'), 'unavailable')
    server.answer.status = 302
    clock.advance(30_000)
    assert.equal(await verdictOf(rsa.privateKey, 'one'), 'unavailable')
    assert.equal(told.length, 3)
    server.answer.status = 200
    clock.advance(30_000)
    assert.equal(await verdictOf(rsa.privateKey, 'one'), 'accepted')
  })

  it('of a URL are no more than can be kept', async () => {
    await using server = await keyServer(`{"keys":[],"pad":"${'x'.repeat(300_000)}"}`)
    const told: string[] = []
    const clock = new ManualClock(nowSeconds * 1e6)
    await using keys = new RemoteKeySet({ url: server.url, clock, onFault: (what) => told.push(what) })
    await using byUrl = method({ keys })
    const verdict = await byUrl.authenticate(await withToken(signed(claims(), rsa.privateKey, 'RS256', 'one')))
    assert.equal(verdict.kind === 'refused' && verdict.result, 'unavailable')
    assert.match(told[0] ?? '', /larger than 262144 bytes/)
  })
})
