/** What a change of files or configuration does to clients that are connected, at a real broker. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createBroker } from '@hawser/broker'
import { createMemoryLog, createMemoryState } from '@hawser/engine/memory'
import { seededRandom, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt, { type MqttClient } from 'mqtt'
import { ConfiguredAccess } from './access.ts'
import { anonymousMethod } from './anonymous/anonymous-method.ts'
import type { AuthenticationMethod } from './method.ts'
import { systemHasher } from './password-file/hasher.ts'
import { PasswordMethod } from './password-file/password-method.ts'
import { StoredPasswords } from './password-file/stored-passwords.ts'
import { ReplaceableAccess } from './replaceable-access.ts'
import { openRules } from './rules/rule.ts'
import { Rules } from './rules/rules.ts'
import { SecretFile } from './secret-file.ts'

const random = seededRandom(1)
const carl =
  'carl:$7$101$T0uRll5yMkGHDxzO$/ZZ5gbsHufkAWR/QMAvkCbVC/IWRSBt/bHIyrTWm0wthp8G7CXahcb9f3FTJTUfc6Sl5LYYnV07cyRtCphGDkA=='
const dora =
  'dora:$6$ZXnR8Qt25EHoAGJM$F670DLHFORnu6HnW+qpYaRoPBuQ0mX6Tt/iv75xFNID8y3q/zpEt9w1hDdFjxH44MOpH+PGtYNrNiX8wrx0Wsw=='

function accessBy(methods: readonly AuthenticationMethod[], passwords: StoredPasswords): ConfiguredAccess {
  return new ConfiguredAccess({
    chains: new Map(),
    chain: { methods, exchanges: [] },
    binding: undefined,
    rules: new Rules(openRules),
    authorizer: undefined,
    files: [passwords],
    resources: [],
    onFault: () => undefined,
  })
}

async function open() {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const path = join(folder.path, 'passwords')
  await writeFile(path, `${carl}\n${dora}\n`)
  const passwords = await StoredPasswords.open(path, random)
  const method = new PasswordMethod({ passwords, hasher: systemHasher, clock: systemClock, random })
  const access = new ReplaceableAccess(accessBy([method, anonymousMethod], passwords))
  const broker = stack.use(
    await createBroker({
      log: createMemoryLog({ random }),
      state: createMemoryState(),
      clock: systemClock,
      random,
      access,
      listeners: [{ protocol: 'mqtt', name: 'mqtt', host: '127.0.0.1', port: 0 }],
    }),
  )
  const owned = stack.move()
  const connect = async (username?: string, password?: string): Promise<MqttClient> => {
    const options = {
      protocolVersion: 5,
      reconnectPeriod: 0,
      ...(username && { username }),
      ...(password && { password }),
    }
    const url = `mqtt://127.0.0.1:${broker.listeners[0]?.port}`
    const client = await mqtt.connectAsync(url, options as mqtt.IClientOptions, false)
    owned.defer(() => void client.end(true))
    return client
  }
  return { path, passwords, method, access, connect, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const farewell = (client: MqttClient) =>
  new Promise<number | undefined>((resolve) => client.once('disconnect', ({ reasonCode }) => resolve(reasonCode)))

describe('a client whose user is removed', () => {
  it('is told so and disconnected at the reload; others stay', async () => {
    await using opened = await open()
    const removed = await opened.connect('carl', 'cc')
    const kept = await opened.connect('dora', 'dd')
    const nameless = await opened.connect()
    const told = farewell(removed)
    await writeFile(opened.path, `# carl has left\n${dora}\n`)
    assert.deepEqual(await opened.access.reload(), [])
    assert.equal(await told, 0x87)
    for (const client of [kept, nameless]) await client.publishAsync('still', 'here', { qos: 1 })
  })

  it('stays while the new file is bad', async () => {
    await using opened = await open()
    const client = await opened.connect('carl', 'cc')
    await writeFile(opened.path, 'nonsense\n')
    assert.equal((await opened.access.reload()).length, 1)
    await client.publishAsync('still', 'here', { qos: 1 })
  })
})

describe('a client without a name', () => {
  it('is disconnected where another configuration wants one', async () => {
    await using opened = await open()
    const nameless = await opened.connect()
    const named = await opened.connect('dora', 'dd')
    const told = farewell(nameless)
    await opened.access.replace(accessBy([opened.method], opened.passwords))
    assert.equal(await told, 0x87)
    await named.publishAsync('still', 'here', { qos: 1 })
  })
})

describe('a client with a name', () => {
  it('is disconnected where another configuration knows no such user', async () => {
    await using opened = await open()
    const removed = await opened.connect('carl', 'cc')
    const kept = await opened.connect('dora', 'dd')
    const told = farewell(removed)
    await writeFile(opened.path, `${dora}\n`)
    const passwords = await StoredPasswords.open(opened.path, random)
    const method = new PasswordMethod({ passwords, hasher: systemHasher, clock: systemClock, random })
    await opened.access.replace(accessBy([method, anonymousMethod], passwords))
    assert.equal(await told, 0x87)
    await kept.publishAsync('still', 'here', { qos: 1 })
  })
})

describe('a secret in a file', () => {
  it('is read again without its line end; what cannot be used leaves the old in force', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'secret')
    await writeFile(path, 'one\n')
    const secret = await SecretFile.open(path, (text) => {
      if (text === '') throw new Error('it is empty')
      return text
    })
    assert.equal(secret.value, 'one')
    await writeFile(path, '')
    assert.deepEqual(await secret.reload(), [{ where: path, what: 'it is empty' }])
    assert.equal(secret.value, 'one')
    await writeFile(path, 'two\r\n')
    assert.deepEqual(await secret.reload(), [])
    assert.equal(secret.value, 'two')
    await assert.rejects(SecretFile.open(join(folder.path, 'none'), String), { code: 'CONFIG_INVALID' })
  })
})
