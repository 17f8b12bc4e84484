import assert from 'node:assert/strict'
import { chmodSync, statSync } from 'node:fs'
import { describe, it } from 'node:test'
import { systemRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { type Configuration, defaultConfiguration } from '../config/configuration.ts'
import type { ConfigurationListener } from '../config/listeners.ts'
import { isLoopback, refuseOpenDoors } from './doors.ts'
import { ensureToken, tokenPath } from './token.ts'

describe('token', () => {
  it('is made once, for the owner alone, whatever rights the file was given since', async () => {
    await using folder = await temporaryFolder()
    const token = await ensureToken(folder.path, systemRandom)
    assert.match(token, /^[0-9a-f]{64}$/)
    chmodSync(tokenPath(folder.path), 0o644)
    assert.equal(await ensureToken(folder.path, systemRandom), token)
    assert.equal(statSync(tokenPath(folder.path)).mode & 0o777, 0o600)
  })
})

describe('doors', () => {
  it('knows what only this machine reaches', () => {
    for (const host of ['127.0.0.1', '127.3.2.1', '::1', 'localhost']) assert.equal(isLoopback(host), true, host)
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.org']) assert.equal(isLoopback(host), false, host)
  })

  const everywhere = (further: Partial<ConfigurationListener> = {}, named = 'mqtt'): Configuration => ({
    ...defaultConfiguration,
    listeners: {
      ...defaultConfiguration.listeners,
      [named]: { ...defaultConfiguration.listeners.mqtt, host: '0.0.0.0', ...further },
    },
  })
  const shut = { code: 'CONFIG_INVALID', message: /0\.0\.0\.0 can be reached by others/ }

  it('stay shut without login, unless it is said', () => {
    refuseOpenDoors(defaultConfiguration, '127.0.0.1')
    assert.throws(() => refuseOpenDoors(everywhere()), shut)
    assert.throws(() => refuseOpenDoors(everywhere({}, 'further')), shut)
    refuseOpenDoors({ ...everywhere(), allowAnonymous: true }, '0.0.0.0')
  })

  it('are judged each by its own word', () => {
    refuseOpenDoors(everywhere({ allowAnonymous: true }))
    refuseOpenDoors(everywhere({ enabled: false }))
    refuseOpenDoors(everywhere({ socket: '/run/hawser.sock' }))
    assert.throws(() => refuseOpenDoors({ ...everywhere({ allowAnonymous: false }), allowAnonymous: true }), shut)
    const tls = { certificateFile: 'c', keyFile: 'k', caFile: 'a' }
    refuseOpenDoors(everywhere({ protocol: 'mqtts', tls: { ...tls, clientCertificate: 'require' } }))
    assert.throws(() => refuseOpenDoors(everywhere({ protocol: 'mqtts', tls })), shut)
  })

  it('open where clients have to log in, but for the console', () => {
    const auth = { password: { file: 'passwords' } }
    refuseOpenDoors({ ...everywhere(), auth })
    assert.throws(() => refuseOpenDoors({ ...defaultConfiguration, auth }, '0.0.0.0'), shut)
  })
})
