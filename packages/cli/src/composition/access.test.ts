import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import type { Candidate } from '@hawser/broker'
import { seededRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { defaultConfiguration } from '../config/configuration.ts'
import { Logger } from '../logging/logger.ts'
import { runHawser } from '../main.ts'
import { capture } from '../testing/capture.ts'
import { openAccess } from './access.ts'

/** What `hawser config check` says, without the folder. */
async function check(files: Readonly<Record<string, string>>): Promise<string> {
  await using folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder.path, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  const captured = capture()
  await runHawser(['config', 'check', join(folder.path, 'hawser.yaml')], captured.io)
  return `${captured.stdout()}${captured.stderr()}`.replaceAll(`${folder.path}/`, '').trimEnd()
}

const hash = `$6$${Buffer.alloc(12).toString('base64')}$${Buffer.alloc(64).toString('base64')}`
const byPassword = 'auth:\n  password: { file: passwords }\n'

describe('SCRAM', () => {
  it('shows an unknown user the same salt after a restart, where the log is on disk', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'passwords')
    await writeFile(file, '')
    const { io } = capture()
    const logger = new Logger('test', io.clock, () => undefined)
    const saltOf = async (seed: number, durability: 'disk' | 'memory'): Promise<string | undefined> => {
      const configuration = {
        ...defaultConfiguration,
        auth: { scram: { file } },
        dataDir: join(folder.path, 'data'),
        log: { ...defaultConfiguration.log, durability },
      }
      const context = { clock: io.clock, random: seededRandom(seed), logger, env: {} }
      await using access = await openAccess(configuration, context)
      const exchange = access.exchange('SCRAM-SHA-256', nobody)
      const step = await exchange?.next(Buffer.from('n,,n=nobody,r=abc'))
      return step?.kind === 'continue' ? /s=([^,]+)/.exec(Buffer.from(step.data).toString())?.[1] : undefined
    }
    const first = await saltOf(1, 'disk')
    assert.match(first ?? '', /^.{24}$/)
    assert.equal(await saltOf(2, 'disk'), first)
    assert.notEqual(await saltOf(3, 'memory'), first)
  })
})

const nobody: Candidate = {
  clientId: 'x',
  clientIdAssigned: false,
  version: 5,
  username: undefined,
  password: undefined,
  certificate: undefined,
  listener: 'mqtt',
  remoteAddress: '127.0.0.1',
}

describe('auth and acl of the configuration', () => {
  for (const [what, files, said] of [
    ['is good', { 'hawser.yaml': byPassword, passwords: `ann:${hash}\n` }, /^hawser\.yaml: good$/],
    ['names a file that is missing', { 'hawser.yaml': byPassword }, /auth\.password\.file: passwords cannot be read/],
    [
      'has a bad line',
      { 'hawser.yaml': byPassword, passwords: 'ann\n' },
      /passwords:1: it is no user:hash; hawser passwd/,
    ],
    [
      'chains what is not configured',
      { 'hawser.yaml': `${byPassword}  chain: [jwt, password]\n`, passwords: '' },
      /hawser\.yaml:3: auth\.chain\.0 cannot be "jwt"; configure auth\.jwt/,
    ],
    ['has no method', { 'hawser.yaml': 'auth: {}\n' }, /hawser\.yaml:1: .*configure one of certificate, jwt/],
    [
      'gives a listener that is not there',
      {
        'hawser.yaml': `${byPassword}  listeners:\n    - { name: wss, chain: [password] }\n`,
        passwords: '',
      },
      /names the listener wss, which is not there; known are mqtt, ws/,
    ],
    [
      'asks a service in the clear',
      { 'hawser.yaml': 'auth:\n  http: { url: "http://users.example/" }\n' },
      /http:\/\/users\.example is plain http.*; use https/,
    ],
    [
      'has two places for a key',
      { 'hawser.yaml': 'auth:\n  jwt: { secret_env: A, key_set_file: b }\n', b: '{}' },
      /give one of secret_file, secret_env/,
    ],
    [
      'takes an algorithm that is not for its key',
      { 'hawser.yaml': 'auth:\n  jwt: { secret_env: A, algorithms: [RS256] }\n' },
      /RS256 is not for such keys; choose of HS256/,
    ],
    ['leaves a secret to the environment', { 'hawser.yaml': 'auth:\n  jwt: { secret_env: A }\n' }, /good$/],
    [
      'has rules about $share',
      { 'hawser.yaml': 'acl:\n  rules:\n    - { allow: [all], topics: ["$share/g/a"] }\n' },
      /rules judge that/,
    ],
    [
      'has a rule that allows and denies',
      { 'hawser.yaml': 'acl:\n  rules:\n    - { allow: [all], deny: [all], topics: [a] }\n' },
      /give allow or deny/,
    ],
    ['has a bad role file', { 'hawser.yaml': 'acl: { roles_file: roles }\n', roles: 'x\n' }, /roles:1: it is no role/],
  ] as const) {
    it(`${what}: config check says so`, async () => assert.match(await check(files), said))
  }
})
