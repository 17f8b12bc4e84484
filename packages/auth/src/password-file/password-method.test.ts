import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { seededRandom } from '@hawser/std'
import { ManualClock, temporaryFolder } from '@hawser/std/testing'
import { type MethodUnderTest, methodContract, type OpenedMethod } from '../contract/method.contract.ts'
import { candidate } from '../testing/candidate.ts'
import { CountingHasher, HeldHasher } from '../testing/counting-hasher.ts'
import { replacePasswordFile, withoutUser, withUser } from './change-file.ts'
import { hashForScram, hashPassword, type PasswordHasher } from './hasher.ts'
import { type PasswordLimits, PasswordMethod } from './password-method.ts'
import { scramText } from './stored-hash.ts'
import { StoredPasswords } from './stored-passwords.ts'

const random = seededRandom(4)
/** Written by mosquitto_passwd 2.0.11. */
const mosquitto = {
  carl: '$7$101$T0uRll5yMkGHDxzO$/ZZ5gbsHufkAWR/QMAvkCbVC/IWRSBt/bHIyrTWm0wthp8G7CXahcb9f3FTJTUfc6Sl5LYYnV07cyRtCphGDkA==',
  dora: '$6$ZXnR8Qt25EHoAGJM$F670DLHFORnu6HnW+qpYaRoPBuQ0mX6Tt/iv75xFNID8y3q/zpEt9w1hDdFjxH44MOpH+PGtYNrNiX8wrx0Wsw==',
}
const argon2id = await hashPassword('secret of ann', random)

interface Opened extends OpenedMethod {
  readonly method: PasswordMethod
  readonly passwords: StoredPasswords
  readonly path: string
}

async function open(
  text: string,
  hasher: PasswordHasher = new CountingHasher(),
  limits: Partial<PasswordLimits> = {},
  clock = new ManualClock(),
): Promise<Opened> {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'passwords')
  await writeFile(path, text)
  const passwords = await StoredPasswords.open(path, random)
  const method = new PasswordMethod({ passwords, hasher, clock, random, limits })
  return {
    method,
    passwords,
    path,
    log: [],
    async [Symbol.asyncDispose]() {
      await method[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const ann = `ann:${argon2id}\n`

const passwordFile: MethodUnderTest = {
  name: 'password file',
  open: () => open(ann),
  good: { candidate: () => candidate({ username: 'ann', secret: 'secret of ann' }), username: 'ann' },
  bad: {
    'wrong password': () => candidate({ username: 'ann', secret: 'secret of bob' }),
    'unknown user': () => candidate({ username: 'bob', secret: 'secret of ann' }),
    'empty password': () => candidate({ username: 'ann', secret: '' }),
  },
  foreign: candidate({ secret: 'without a name' }),
  secrets: ['secret of ann', argon2id],
  async slow() {
    const hasher = new HeldHasher()
    const opened = await open(ann, hasher, { runningMax: 1, waitingMax: 1 })
    return { ...opened, answer: () => hasher.held.shift()?.() }
  },
  broken: () => open(ann, { verify: () => Promise.reject(new Error('no memory')) }),
}

methodContract(passwordFile)

describe('password file', () => {
  it('computes one hash of the same cost for an unknown user as for a wrong password', async () => {
    const hasher = new CountingHasher()
    await using opened = await open(ann, hasher)
    await opened.method.authenticate(candidate({ username: 'ann', secret: 'wrong' }))
    await opened.method.authenticate(candidate({ username: 'nobody', secret: 'wrong' }))
    assert.deepEqual(hasher.costs, ['m=19456,t=2,p=1', 'm=19456,t=2,p=1'])
  })

  it('gives an unknown user always the same cost, where the file has several', async () => {
    const hasher = new CountingHasher()
    await using opened = await open(`${ann}carl:${mosquitto.carl}\ndora:${mosquitto.dora}\n`, hasher)
    const costs = new Set<string>()
    for (const name of ['nobody', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'n9']) {
      hasher.costs.length = 0
      for (let time = 0; time < 3; time++) {
        await opened.method.authenticate(candidate({ username: name, secret: 'x' }))
      }
      assert.equal(hasher.costs.length, 3)
      assert.equal(new Set(hasher.costs).size, 1)
      costs.add(hasher.costs[0] ?? '')
    }
    assert.ok(costs.size > 1, 'names are spread over the costs')
  })

  it('computes one in an empty file too', async () => {
    const hasher = new CountingHasher()
    await using opened = await open('# nobody yet\n', hasher)
    const verdict = await opened.method.authenticate(candidate({ username: 'ann', secret: 'x' }))
    assert.equal(verdict.kind, 'refused')
    assert.equal(hasher.costs.length, 1)
  })

  it('takes what mosquitto_passwd wrote, and what serves SCRAM', async () => {
    const scram = scramText(await hashForScram('ee', random, 4_096))
    await using opened = await open(`carl:${mosquitto.carl}\ndora:${mosquitto.dora}\neve:${scram}\n`)
    for (const [username, right] of Object.entries({ carl: 'cc', dora: 'dd', eve: 'ee' })) {
      const good = await opened.method.authenticate(candidate({ username, secret: right }))
      assert.equal(good.kind, 'accepted', username)
      const bad = await opened.method.authenticate(candidate({ username, secret: `${right} ` }))
      assert.equal(bad.kind, 'refused', username)
    }
  })

  it('knows a right password for a while without hashing it, and a changed one at once no more', async () => {
    const hasher = new CountingHasher()
    const clock = new ManualClock()
    await using opened = await open(ann, hasher, { rememberedMs: 60_000 }, clock)
    const good = candidate({ username: 'ann', secret: 'secret of ann' })
    for (let time = 0; time < 3; time++) assert.equal((await opened.method.authenticate(good)).kind, 'accepted')
    assert.equal(hasher.costs.length, 1)
    clock.advance(60_001)
    await opened.method.authenticate(good)
    assert.equal(hasher.costs.length, 2)
    await writeFile(opened.path, `ann:${await hashPassword('another', random)}\n`)
    assert.deepEqual(await opened.passwords.reload(), [])
    assert.equal((await opened.method.authenticate(good)).kind, 'refused')
    assert.equal(hasher.costs.length, 3)
  })

  it('goes on with the old file where the new one is bad, and says why by line', async () => {
    await using opened = await open(ann)
    const secretLine = 'bob:plain text of a careless operator'
    await writeFile(opened.path, `${ann}${secretLine}\nann:${argon2id}\n`)
    const faults = await opened.passwords.reload()
    assert.deepEqual(
      faults.map(({ where, what }) => `${where.slice(where.lastIndexOf('/') + 1)}: ${what}`),
      [
        'passwords:2: the hash of "bob" is of no known form, or costs too much',
        'passwords:3: user "ann" is there twice',
      ],
    )
    const good = candidate({ username: 'ann', secret: 'secret of ann' })
    assert.equal((await opened.method.authenticate(good)).kind, 'accepted')
  })

  it('refuses to start on a bad one', async () => {
    await assert.rejects(open('no colon\n'), { code: 'CONFIG_INVALID', message: /passwords:1: it is no user:hash/ })
    await assert.rejects(StoredPasswords.open('/nowhere/passwords', random), /there is no such file/)
  })

  it('takes no hash that would hold the broker up', async () => {
    for (const parameters of ['m=4194304,t=2,p=1', 'm=19456,t=9999,p=1', 'm=0,t=1,p=1']) {
      await assert.rejects(open(`ann:${argon2id.replace('m=19456,t=2,p=1', parameters)}\n`), /costs too much/)
    }
    await assert.rejects(open(`carl:${mosquitto.carl.replace('$101$', '$9999999$')}\n`), /costs too much/)
  })
})

describe('a change of the file', () => {
  it('touches one line, and is for the owner alone', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'passwords')
    await replacePasswordFile(path, withUser('# ours\nbob:x\nbobby:y', 'bob', 'z'), random)
    assert.equal(await readFile(path, 'utf8'), '# ours\nbob:z\nbobby:y')
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    await replacePasswordFile(path, withUser('# ours\nbob:z\nbobby:y', 'eve', 'e'), random)
    assert.equal(await readFile(path, 'utf8'), '# ours\nbob:z\nbobby:y\neve:e\n')
    assert.equal(withoutUser('bob:z\nbobby:y\n', 'bobby'), 'bob:z\n')
    assert.equal(withoutUser('bob:z\n', 'eve'), undefined)
  })
})
