import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { seededRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import type { ProvedStep, ProvingExchange } from '../method.ts'
import { hashForScram } from '../password-file/hasher.ts'
import { type ScramHash, scramText } from '../password-file/stored-hash.ts'
import { StoredPasswords } from '../password-file/stored-passwords.ts'
import { ScramMethod, type ScramMethodOptions } from './scram-method.ts'

/** The client of node-postgres: an implementation that is not ours. It always says `*` for its name. */
interface PostgresSession {
  response: string
}
interface PostgresClient {
  startSession(mechanisms: readonly string[]): PostgresSession
  continueSession(session: PostgresSession, password: string, serverData: string): Promise<void>
  finalizeSession(session: PostgresSession, serverData: string): void
}
const postgres = createRequire(import.meta.url)('pg/lib/crypto/sasl') as PostgresClient

const saltKey = Buffer.alloc(32, 7)

async function open(lines: Readonly<Record<string, ScramHash | string>>, further: Partial<ScramMethodOptions> = {}) {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'passwords')
  const text = Object.entries(lines).map(
    ([user, hash]) => `${user}:${typeof hash === 'string' ? hash : scramText(hash)}\n`,
  )
  await writeFile(path, text.join(''))
  const passwords = await StoredPasswords.open(path, seededRandom(1))
  const method = new ScramMethod({ passwords, random: seededRandom(9), saltKey, ...further })
  return { method, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

const next = (exchange: ProvingExchange, text: string) => exchange.next(Buffer.from(text))
const dataOf = (step: ProvedStep & { readonly data?: Uint8Array }): string => {
  assert.notEqual(step.kind, 'refused')
  return Buffer.from(step.data ?? []).toString('utf8')
}
const resultOf = (step: ProvedStep): string =>
  step.kind === 'refused' ? `${step.result} ${step.reasonCode}` : step.kind
const refusedProof = `bad-credentials ${0x87}`

/** RFC 7677, section 3. */
const vector = {
  clientFirst: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
  clientFinal:
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
}

describe('SCRAM-SHA-256', () => {
  it('proves both sides to a client that is not ours', async () => {
    await using opened = await open({ '*': await hashForScram('pencil of ann', seededRandom(2), 4_096) })
    const client = postgres.startSession(['SCRAM-SHA-256'])
    const exchange = opened.method.begin()
    await postgres.continueSession(client, 'pencil of ann', dataOf(await next(exchange, client.response)))
    const last = await next(exchange, client.response)
    assert.equal(last.kind === 'accepted' && last.proved.username, '*')
    postgres.finalizeSession(client, dataOf(last))
  })

  it('refuses a wrong password of it: 0x87, which DISCONNECT knows too', async () => {
    await using opened = await open({ '*': await hashForScram('pencil', seededRandom(2), 4_096) })
    const client = postgres.startSession(['SCRAM-SHA-256'])
    const exchange = opened.method.begin()
    await postgres.continueSession(client, 'pen', dataOf(await next(exchange, client.response)))
    assert.equal(resultOf(await next(exchange, client.response)), refusedProof)
    assert.equal(resultOf(await next(exchange, client.response)), refusedProof)
  })

  it('says what RFC 7677 says', async () => {
    const random = { ...seededRandom(1), bytes: () => Buffer.from(vector.salt, 'base64') }
    const user = await hashForScram('pencil', random, 4_096)
    await using opened = await open({ user }, { makeNonce: () => vector.serverNonce })
    const exchange = opened.method.begin()
    const serverFirst = dataOf(await next(exchange, vector.clientFirst))
    assert.equal(serverFirst, `r=rOprNGfwEbeRWgbNEkqO${vector.serverNonce},s=${vector.salt},i=4096`)
    assert.equal(dataOf(await next(exchange, vector.clientFinal)), vector.serverFinal)
  })

  it('shows an unknown user a salt too, always the same, across restarts, and refuses at the end alike', async () => {
    const lines = {
      ann: await hashForScram('pencil', seededRandom(2), 4_096),
      bob: `$6$${Buffer.alloc(12).toString('base64')}$${Buffer.alloc(64).toString('base64')}`,
    }
    const challenge = async (name: string, seed: number) => {
      await using opened = await open(lines, { random: seededRandom(seed) })
      const exchange = opened.method.begin()
      const [, nonce = '', salt, iterations] =
        /^r=(.*),s=(.*),i=(\d+)$/.exec(dataOf(await next(exchange, `n,,n=${name},r=abc`))) ?? []
      const last = await next(exchange, `c=biws,r=${nonce},p=${Buffer.alloc(32).toString('base64')}`)
      return { salt, iterations, result: resultOf(last) }
    }
    const nobody = await challenge('nobody', 1)
    assert.deepEqual(await challenge('nobody', 2), nobody)
    assert.notEqual((await challenge('nobody-else', 1)).salt, nobody.salt)
    const ann = await challenge('ann', 1)
    assert.equal(nobody.iterations, ann.iterations)
    assert.equal(nobody.salt?.length, ann.salt?.length)
    assert.equal(nobody.result, ann.result)
    assert.equal((await challenge('bob', 1)).result, refusedProof)
  })

  it('refuses what is no SCRAM, or asks for more than is offered', async () => {
    await using opened = await open({ ann: await hashForScram('pencil', seededRandom(2), 4_096) })
    for (const text of [
      '',
      'n,,n=,r=abc',
      'n,,n=ann,r=',
      'n,,n=an=n,r=abc',
      'n,a=bob,n=ann,r=abc',
      'p=tls-exporter,,n=ann,r=abc',
      'n,,m=x,n=ann,r=abc',
      `n,,n=ann,r=${'x'.repeat(300)}`,
      `n,,n=${'x'.repeat(5_000)},r=abc`,
    ]) {
      assert.equal(resultOf(await next(opened.method.begin(), text)), refusedProof, text.slice(0, 40))
    }
    assert.equal(resultOf(await opened.method.begin().next(undefined)), refusedProof)
    assert.equal(resultOf(await opened.method.begin().next(Buffer.of(0xff))), refusedProof)
    assert.equal(resultOf(await next(opened.method.begin(), 'n,a=ann,n=ann,r=abc')), 'continue')
    assert.equal(resultOf(await next(opened.method.begin(), 'y,,n=ann,r=abc')), 'continue')
    const exchange = opened.method.begin()
    const nonce = /^r=(.*),s=/.exec(dataOf(await next(exchange, 'n,,n=ann,r=abc')))?.[1]
    assert.equal(
      resultOf(await next(exchange, `c=eSws,r=${nonce},p=${Buffer.alloc(32).toString('base64')}`)),
      refusedProof,
    )
  })

  it('takes two spellings of one name for one', async () => {
    await using opened = await open({ IX: await hashForScram('I\u00adX', seededRandom(2), 4_096) })
    const exchange = opened.method.begin()
    const challenge = dataOf(await next(exchange, 'n,,n=\u2168,r=abc'))
    await using plain = await open({ IX: await hashForScram('IX', seededRandom(2), 4_096) })
    const other = dataOf(await next(plain.method.begin(), 'n,,n=IX,r=abc'))
    assert.equal(/s=.*$/.exec(challenge)?.[0], /s=.*$/.exec(other)?.[0])
    assert.equal(resultOf(await next(opened.method.begin(), 'n,,n=\u0007,r=abc')), refusedProof)
  })

  it('lets nobody in once it is closed', async () => {
    await using opened = await open({ ann: await hashForScram('pencil', seededRandom(2), 4_096) })
    const exchange = opened.method.begin()
    await next(exchange, 'n,,n=ann,r=abc')
    await opened.method[Symbol.asyncDispose]()
    assert.equal(resultOf(await next(exchange, 'c=biws,r=abc,p=AAAA')), `unavailable ${0x88}`)
  })
})
