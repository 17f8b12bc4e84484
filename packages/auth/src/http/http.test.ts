import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { milliseconds, seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { type MethodUnderTest, methodContract, type OpenedMethod } from '../contract/method.contract.ts'
import { checkedUrl } from '../remote/checked-url.ts'
import { type CallbackServer, callbackServer } from '../testing/callback-server.ts'
import { candidate, identity } from '../testing/candidate.ts'
import type { HttpLimits } from './callback.ts'
import { HttpAuthorizer } from './http-authorizer.ts'
import { HttpMethod } from './http-method.ts'

const knowsAnn: CallbackServer['verdict'] = ({ username, password }) => ({
  result: username === 'ann' && password === 'secret of ann' ? 'allow' : 'deny',
})

interface Opened extends OpenedMethod {
  readonly server: CallbackServer
  readonly clock: ManualClock
  readonly method: HttpMethod
  readonly log: string[]
}

async function open(verdict = knowsAnn, limits: Partial<HttpLimits> = {}): Promise<Opened> {
  const server = await callbackServer(verdict)
  const clock = new ManualClock()
  const log: string[] = []
  const options = { url: server.url, clock, random: seededRandom(3), limits, onFault: (what: string) => log.push(what) }
  const method = new HttpMethod({ ...options, authorization: () => 'Bearer token of the broker' })
  return {
    server,
    clock,
    method,
    log,
    async [Symbol.asyncDispose]() {
      await method[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const ann = candidate({ username: 'ann', secret: 'secret of ann' })

/** The question reaches the service in a later turn. */
function release(server: CallbackServer): void {
  // The server is gone: the question never reached it.
  if (server.held === undefined) return
  const next = server.held.shift()
  if (next === undefined) setImmediate(() => release(server))
  else next()
}

async function asked(server: CallbackServer): Promise<void> {
  while (server.questions.length === 0) await new Promise((resolve) => setImmediate(resolve))
}

const http: MethodUnderTest = {
  name: 'http',
  open,
  good: { candidate: () => ann, username: 'ann' },
  bad: {
    'wrong password': () => candidate({ username: 'ann', secret: 'another secret' }),
    'unknown user': () => candidate({ username: 'bob', secret: 'secret of ann' }),
  },
  foreign: candidate({ clientId: 'x' }),
  secrets: ['secret of ann', 'token of the broker'],
  async slow() {
    const opened = await open(knowsAnn, { runningMax: 1, waitingMax: 1 })
    opened.server.held = []
    return { ...opened, answer: () => release(opened.server) }
  },
  broken: () => open(() => undefined),
}

methodContract(http)

describe('http callback', () => {
  it('tells the service what is known, and takes name, roles and rules from it', async () => {
    await using opened = await open(() => ({ result: 'allow', username: 'pump', roles: ['r'], rules: { pub: ['a'] } }))
    const verdict = await opened.method.authenticate({ ...ann, password: Buffer.of(0xff, 0xfe) })
    assert.deepEqual(verdict.kind === 'accepted' && verdict.proved, {
      username: 'pump',
      roles: ['r'],
      rules: [{ permission: 'allow', actions: ['publish'], filter: 'a' }],
      expiresAt: undefined,
    })
    assert.deepEqual(opened.server.questions, [
      {
        clientId: 'pump-7',
        version: 5,
        username: 'ann',
        listener: 'mqtt',
        remoteAddress: '192.0.2.7',
        passwordBase64: '//4=',
      },
    ])
    assert.deepEqual(opened.server.authorizations, ['Bearer token of the broker'])
  })

  it('remembers a yes and a no for their time, and shares one answer', async () => {
    await using opened = await open(knowsAnn, { allowedMs: 60_000, refusedMs: 10_000 })
    const { server, clock, method } = opened
    await Promise.all([method.authenticate(ann), method.authenticate(ann)])
    await method.authenticate(ann)
    assert.equal(server.questions.length, 1)
    const wrong = { ...ann, password: Buffer.from('x') }
    for (let time = 0; time < 3; time++) assert.equal((await method.authenticate(wrong)).kind, 'refused')
    assert.equal(server.questions.length, 2)
    clock.advance(10_000)
    await method.authenticate(wrong)
    await method.authenticate(ann)
    assert.equal(server.questions.length, 3)
    clock.advance(50_000)
    await method.authenticate(ann)
    assert.equal(server.questions.length, 4)
  })

  it('leaves a service alone that fails, tells it once, and asks again after a rest', async () => {
    await using opened = await open(knowsAnn, { failuresMax: 3, restMs: 5_000 })
    const { server, clock, method, log } = opened
    server.status = 503
    const resultOf = async () => {
      const verdict = await method.authenticate(ann)
      return verdict.kind === 'refused' ? verdict.result : verdict.kind
    }
    for (let time = 0; time < 6; time++) assert.equal(await resultOf(), 'unavailable')
    assert.equal(server.questions.length, 3)
    assert.equal(log.length, 2)
    server.status = 200
    assert.equal(await resultOf(), 'unavailable')
    clock.advance(5_000)
    assert.equal(await resultOf(), 'accepted')
    assert.equal(server.questions.length, 4)
  })

  it('waits for no answer longer than is said', async () => {
    await using opened = await open(knowsAnn, { timeoutMs: milliseconds(2_000) })
    opened.server.held = []
    const verdict = opened.method.authenticate(ann)
    await asked(opened.server)
    opened.clock.advance(2_000)
    const late = await verdict
    assert.equal(late.kind === 'refused' && late.result, 'unavailable')
  })

  for (const [what, answer] of Object.entries({
    'an empty object': {},
    'a list': [],
    'a word': 'allow',
    nothing: null,
    'a bad name': { result: 'allow', username: 5 },
    'bad roles': { result: 'allow', roles: 5 },
    'bad rules': { result: 'allow', rules: [{ permission: 'maybe' }] },
    'a bad end': { result: 'allow', expiresAt: 'tomorrow' },
    'too much': { result: 'allow', pad: 'x'.repeat(70_000) },
  })) {
    it(`lets nobody in on ${what}`, async () => {
      await using opened = await open(() => answer)
      const verdict = await opened.method.authenticate(ann)
      assert.equal(verdict.kind === 'refused' && verdict.result, 'unavailable')
    })
  }

  it('leaves to the next what the service says is not its own', async () => {
    await using opened = await open(() => ({ result: 'ignore' }))
    assert.equal((await opened.method.authenticate(ann)).kind, 'not-mine')
  })

  it('goes to https, this machine, or where it is said, and nowhere with a password in the URL', () => {
    for (const url of ['https://x.example/a', 'http://127.0.0.1:8/a', 'http://[::1]/a', 'http://localhost/a']) {
      assert.equal(checkedUrl(url, false).href, url)
    }
    for (const url of ['http://x.example/a', 'ftp://x', 'x', 'https://u:p@x.example/', 'http://127.0.0.1.example/']) {
      assert.throws(() => checkedUrl(url, false), { code: 'CONFIG_INVALID' }, url)
    }
    assert.equal(checkedUrl('http://x.example/a', true).href, 'http://x.example/a')
    assert.throws(
      () => checkedUrl('https://u:secret@x.example/', true),
      (error: Error) => !error.message.includes('secret'),
    )
  })
})

describe('http authorization', () => {
  async function openAuthorizer(verdict: CallbackServer['verdict'], limits: Partial<HttpLimits> = {}) {
    const server = await callbackServer(verdict)
    const clock = new ManualClock()
    const authorizer = new HttpAuthorizer({ url: server.url, clock, limits, onFault: () => undefined })
    return {
      server,
      clock,
      authorizer,
      async [Symbol.asyncDispose]() {
        await authorizer[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      },
    }
  }

  it('asks once, answers at once from then on, and makes the broker ask again in time', async () => {
    await using opened = await openAuthorizer(({ topic }) => ({ result: topic === 'a' ? 'allow' : 'deny' }))
    const { authorizer, server, clock } = opened
    let changes = 0
    using _heard = authorizer.onChange(() => changes++)
    const who = identity()
    assert.equal(await authorizer.authorize(who, 'publish', 'a'), true)
    assert.equal(authorizer.authorize(who, 'publish', 'a'), true)
    assert.equal(await authorizer.authorize(who, 'publish', 'b'), false)
    assert.equal(authorizer.authorize(who, 'publish', 'b'), false)
    assert.equal(server.questions.length, 2)
    const [question] = server.questions
    assert.deepEqual([question?.['username'], question?.['action'], question?.['topic']], ['ann', 'publish', 'a'])
    clock.advance(10_000)
    assert.equal(changes, 1)
    server.verdict = () => ({ result: 'allow' })
    assert.equal(authorizer.authorize(who, 'publish', 'a'), true)
    assert.equal(await authorizer.authorize(who, 'publish', 'b'), true)
    assert.equal(server.questions.length, 3)
  })

  it('says no while it cannot be asked, and lets it be asked again soon', async () => {
    await using opened = await openAuthorizer(() => undefined)
    let changes = 0
    using _heard = opened.authorizer.onChange(() => changes++)
    assert.equal(await opened.authorizer.authorize(identity(), 'publish', 'a'), false)
    opened.server.verdict = () => ({ result: 'allow' })
    opened.clock.advance(5_000)
    assert.equal(changes, 1)
    assert.equal(await opened.authorizer.authorize(identity(), 'publish', 'a'), true)
  })
})
