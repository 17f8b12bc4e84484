import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { runHawserProcess } from '../../packages/cli/src/testing/running-hawser.ts'
import { missing, start } from '../support/programs.ts'
import { answerTo, codeOf, puback, suback } from './answer.ts'
import { hawserWith } from './hawser-with.ts'

const configuration = `auth:
  password:
    file: secrets/passwords
acl:
  roles_file: roles
  rules:
    - deny: [read, write]
      topics: [site/secret]
    - allow: [all]
      topics: ['home/%u/#']
    - allow: [read]
      topics: ['site/#']
    - allow: [write]
      topics: ['site/#']
      roles: [operator]
`

const mosquitto =
  missing('mosquitto_pub', 'apt-get install mosquitto-clients') ||
  missing('mosquitto_passwd', 'apt-get install mosquitto')

/** As a user makes it. */
async function passwordFile(): Promise<string> {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'passwords')
  const made = await runHawserProcess(['passwd', '--create', '--batch', path, 'ann', 'secret of ann'])
  assert.equal(made.code, 0, made.stderr)
  return readFile(path, 'utf8')
}

describe('password file, on the wire', async () => {
  const passwords = await passwordFile()
  const files = { 'hawser.yaml': configuration, 'secrets/passwords': passwords, roles: 'operator: olga\n' }

  it('refuses a session that was begun without a login, and says once how to mend that', async () => {
    const open = configuration.replace('  password:', '  chain: [password, anonymous]\n  password:')
    await using broker = await hawserWith({ ...files, 'hawser.yaml': open })
    const url = `mqtt://127.0.0.1:${broker.port}`
    const session = {
      clientId: 'pump',
      clean: false,
      protocolVersion: 5,
      properties: { sessionExpiryInterval: 60 },
    } as const
    assert.equal(await codeOf(url, session), 0)
    const login = { username: 'ann', password: 'secret of ann' }
    for (let attempt = 0; attempt < 2; attempt++) assert.equal(await codeOf(url, { ...session, ...login }), 0x87)
    assert.equal(await codeOf(url, { ...session, clean: true, properties: { sessionExpiryInterval: 0 } }), 0)
    assert.equal(await codeOf(url, { ...session, ...login }), 0)
    broker.hawser.kill('SIGTERM')
    const { stderr } = await broker.hawser.ended
    assert.equal(stderr.match(/client "pump" has logged in and is refused \(0x87\)/g)?.length, 1)
    assert.match(stderr, /such clients take other ids, or end their sessions at a listener/)
  })

  it('refuses all but a right name and password: 0x86 in 5.0, 4 in 3.1.1, 0x87 and 5 for who brings none', async () => {
    await using broker = await hawserWith(files)
    const url = `mqtt://127.0.0.1:${broker.port}`
    for (const [protocolVersion, wrong, none] of [
      [5, 0x86, 0x87],
      [4, 4, 5],
    ] as const) {
      const right = { protocolVersion, username: 'ann', password: 'secret of ann' }
      assert.equal(await codeOf(url, right), 0)
      assert.equal(await codeOf(url, { ...right, password: 'wrong' }), wrong)
      assert.equal(await codeOf(url, { ...right, username: 'nobody' }), wrong)
      assert.equal(await codeOf(url, { protocolVersion }), none)
      assert.equal(await codeOf(url, { protocolVersion, username: 'ann' }), none)
    }
    broker.hawser.kill('SIGTERM')
    const { stdout, stderr } = await broker.hawser.ended
    for (const secret of ['secret of ann', 'wrong']) assert.equal(`${stdout}${stderr}`.includes(secret), false)
  })

  it('lets a user do what the rules say, and no more', async () => {
    await using broker = await hawserWith(files)
    const { client } = await answerTo(`mqtt://127.0.0.1:${broker.port}`, {
      protocolVersion: 5,
      username: 'ann',
      password: 'secret of ann',
    })
    assert.ok(client)
    const granted = (filter: string) => suback(client, filter)
    assert.equal(await granted('home/ann/#'), 0)
    assert.equal(await granted('home/bob/#'), 0x87)
    assert.equal(await granted('site/hall'), 0)
    assert.equal(await granted('site/#'), 0x87)
    assert.equal(await granted('#'), 0x87)
    const message = new Promise<string>((resolve) => client.once('message', resolve))
    await client.publishAsync('home/ann/lamp', 'on', { qos: 1 })
    assert.equal(await message, 'home/ann/lamp')
    assert.equal(await puback(client, 'site/hall'), 0x87)
    client.end(true)
  })

  it('is asked for by each listener as it says, and of nobody who need not log in', async () => {
    const own = 'auth:\n  password: { file: secrets/passwords }\n  listeners:\n    - { name: ws, chain: [anonymous] }\n'
    const right = { protocolVersion: 5, username: 'ann', password: 'secret of ann' } as const
    {
      await using broker = await hawserWith({ ...files, 'hawser.yaml': own })
      const [mqtt, ws] = [`mqtt://127.0.0.1:${broker.port}`, `ws://127.0.0.1:${broker.webSocketPort}/mqtt`]
      assert.equal(await codeOf(mqtt, { protocolVersion: 5 }), 0x87)
      assert.equal(await codeOf(mqtt, right), 0)
      assert.equal(await codeOf(ws, { protocolVersion: 5 }), 0)
      assert.equal(await codeOf(ws, right), 0x87)
    }
    const both = 'allow_anonymous: true\nauth:\n  password: { file: secrets/passwords }\n'
    await using broker = await hawserWith({ ...files, 'hawser.yaml': both })
    const url = `mqtt://127.0.0.1:${broker.port}`
    assert.equal(await codeOf(url, { protocolVersion: 5 }), 0)
    assert.equal(await codeOf(url, right), 0)
    assert.equal(await codeOf(url, { ...right, password: 'wrong' }), 0x86)
  })

  it('opens a listener that others reach, since they have to log in', async () => {
    await using broker = await hawserWith(files, ['--host', '0.0.0.0'])
    assert.equal(await codeOf(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 5 }), 0x87)
  })

  it('names the file that is missing, before and at the start', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'hawser.yaml')
    await writeFile(path, configuration)
    const checked = await runHawserProcess(['config', 'check', path])
    assert.equal(checked.code, 3)
    assert.match(checked.stderr, /auth\.password\.file: secrets\/passwords cannot be read/)
    const started = await runHawserProcess(['broker', '--config', path, '--port', '0', '--ws-port', '0'])
    assert.equal(started.code, 3)
    assert.match(started.stderr, /^hawser: .*secrets\/passwords: there is no such file; /)
  })

  it('takes a file of mosquitto_passwd, from mosquitto_pub', { skip: mosquitto }, async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'passwords')
    await writeFile(path, '')
    for (const [user, hash] of [
      ['carl', 'sha512-pbkdf2'],
      ['dora', 'sha512'],
    ] as const) {
      execFileSync('mosquitto_passwd', ['-H', hash, '-b', path, user, `secret of ${user}`], { stdio: 'ignore' })
    }
    await using broker = await hawserWith({ ...files, 'secrets/passwords': await readFile(path, 'utf8') })
    const publish = (user: string, password: string, version: string) =>
      start('mosquitto_pub', [
        ...['-p', `${broker.port}`, '-V', version, '-u', user, '-P', password],
        ...['-t', `home/${user}/x`, '-m', 'x', '-q', '1'],
      ]).finished
    for (const user of ['carl', 'dora']) {
      assert.equal((await publish(user, `secret of ${user}`, 'mqttv5')).code, 0, user)
      const refused = await publish(user, 'wrong', 'mqttv5')
      assert.match(refused.stderr, /Bad user ?name or password/i)
      assert.match((await publish(user, 'wrong', 'mqttv311')).stderr, /bad user name or password/i)
    }
  })
})
