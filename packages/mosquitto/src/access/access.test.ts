import assert from 'node:assert/strict'
import { createHash, pbkdf2Sync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import type { Candidate, Identity } from '@hawser/broker'
import { seededRandom, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { type MosquittoAccessOptions, openMosquittoAccess } from './access.ts'

const salt = Buffer.from('saltsaltsalt')
const sha512 = createHash('sha512').update('secret').update(salt).digest('base64')
const pbkdf2 = pbkdf2Sync('secret', salt, 101, 64, 'sha512').toString('base64')
const passwords = `ann:$6$${salt.toString('base64')}$${sha512}\nbob:$7$101$${salt.toString('base64')}$${pbkdf2}\n`

const candidate = (said: Partial<Candidate>): Candidate => ({
  clientId: 'c',
  clientIdAssigned: false,
  version: 5,
  username: undefined,
  password: undefined,
  certificate: undefined,
  listener: 'door',
  remoteAddress: '127.0.0.1',
  ...said,
})

async function opened(options: (folder: string) => MosquittoAccessOptions, acl = '') {
  const folder = await temporaryFolder()
  await writeFile(`${folder.path}/passwords`, passwords)
  await writeFile(`${folder.path}/acl`, acl)
  const faults: unknown[] = []
  const context = { clock: systemClock, random: seededRandom(1), onFault: (...fault: unknown[]) => faults.push(fault) }
  const access = await openMosquittoAccess(options(folder.path), context)
  return {
    access,
    folder: folder.path,
    async [Symbol.asyncDispose]() {
      await access[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
      assert.deepEqual(faults, [])
    },
  }
}

const secret = Buffer.from('secret')
const certificate = { subject: 'CN=pump-7,O=Works', commonName: 'pump-7', fingerprint256: '00' }

describe('logging in as at Mosquitto', () => {
  const doors = (folder: string): MosquittoAccessOptions => ({
    clientIdPrefix: 'c',
    listeners: {
      door: { passwordFile: `${folder}/passwords` },
      both: { passwordFile: `${folder}/passwords`, allowAnonymous: true },
      open: { allowAnonymous: true },
      shut: {},
      subject: { username: 'subject' },
    },
  })
  /** The user name who gets in, or the code of the refusal. */
  const attempts: readonly (readonly [name: string, said: Partial<Candidate>, outcome: string | number | undefined])[] =
    [
      ['$6$', { username: 'ann', password: secret }, 'ann'],
      ['$7$', { username: 'bob', password: secret }, 'bob'],
      ['a wrong password', { username: 'ann', password: Buffer.from('Secret') }, 0x87],
      ['an unknown user', { username: 'eve', password: secret }, 0x87],
      ['no password', { username: 'ann' }, 0x87],
      ['nothing, where it is not allowed', {}, 0x87],
      ['nothing, where it is allowed', { listener: 'both' }, undefined],
      [
        'a wrong password, where nothing is allowed',
        { listener: 'both', username: 'ann', password: Buffer.from('x') },
        0x87,
      ],
      ['a name that nobody asks about', { listener: 'open', username: 'ann' }, 'ann'],
      ['a door without any way in', { listener: 'shut', username: 'ann', password: secret }, 0x87],
      ['a door that is not configured', { listener: 'elsewhere', username: 'ann', password: secret }, 0x87],
      ['a certificate', { listener: 'subject', certificate, username: 'ann' }, 'CN=pump-7,O=Works'],
      ['no certificate', { listener: 'subject', username: 'ann', password: secret }, 0x87],
      ['another prefix of the client id', { clientId: 'x', username: 'ann', password: secret }, 0x87],
    ]
  for (const [name, said, outcome] of attempts) {
    it(name, async () => {
      await using world = await opened(doors)
      const answer = await world.access.authenticate(candidate(said))
      assert.equal(answer.kind === 'accepted' ? answer.identity.username : answer.reasonCode, outcome)
    })
  }
})

describe('rights as at Mosquitto', () => {
  const acl = `topic read public/#
user ann
topic ann/#
topic deny ann/secret
pattern write up/%c
pattern deny up/%u/locked
pattern up/#
`
  const doors = (folder: string): MosquittoAccessOptions => ({
    listeners: { door: { allowAnonymous: true, aclFile: `${folder}/acl` }, free: { allowAnonymous: true } },
  })
  const identity = (said: Partial<Identity>): Identity => ({
    clientId: 'c',
    username: undefined,
    certificate: undefined,
    listener: 'door',
    remoteAddress: '127.0.0.1',
    roles: [],
    rules: undefined,
    expiresAt: undefined,
    ...said,
  })
  const questions: readonly (readonly [Partial<Identity>, 'publish' | 'receive' | 'subscribe', string, boolean])[] = [
    [{}, 'subscribe', 'anything', true],
    [{}, 'receive', 'public/a', true],
    [{}, 'publish', 'public/a', false],
    [{ username: 'ann' }, 'receive', 'public/a', false],
    [{ username: 'ann' }, 'publish', 'ann/a', true],
    [{ username: 'ann' }, 'publish', 'ann/secret', false],
    [{ username: 'ann' }, 'publish', 'up/x', true],
    [{ username: 'ann' }, 'publish', 'up/ann/locked', false],
    [{ username: 'ann' }, 'publish', '$SYS/x', false],
    // A name with a wildcard has no rights by patterns at all, one with a slash none that name it.
    [{ clientId: '+' }, 'publish', 'up/x', false],
    [{ username: '#' }, 'publish', 'up/x', false],
    [{ username: 'a/b' }, 'publish', 'up/x', true],
    [{ username: 'a/b' }, 'publish', 'up/a/b/locked', false],
    [{ listener: 'free' }, 'publish', 'anything', true],
  ]
  for (const [who, action, topic, answer] of questions) {
    it(`${JSON.stringify(who)} ${action} ${topic}: ${answer}`, async () => {
      await using world = await opened(doors, acl)
      assert.equal(await world.access.authorize(identity(who), action, topic), answer)
    })
  }

  it('change with the file; a bad one leaves the old ones in force', async () => {
    await using world = await opened(doors, acl)
    const ann = identity({ username: 'ann' })
    await world.access.authorize(ann, 'publish', 'ann/a')
    await writeFile(`${world.folder}/acl`, 'nonsense\n')
    assert.equal((await world.access.reload()).length, 1)
    assert.equal(await world.access.authorize(ann, 'publish', 'ann/a'), true)
    await writeFile(`${world.folder}/acl`, 'user ann\ntopic other\n')
    assert.deepEqual(await world.access.reload(), [])
    assert.equal(await world.access.authorize(ann, 'publish', 'ann/a'), false)
  })
})
