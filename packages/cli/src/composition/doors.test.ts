import assert from 'node:assert/strict'
import { chmodSync, statSync } from 'node:fs'
import { describe, it } from 'node:test'
import { systemRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { defaultConfiguration } from '../config/configuration.ts'
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

  const everywhere = [{ host: '0.0.0.0', listener: 'mqtt' }]

  it('stay shut without login, unless it is said', () => {
    assert.throws(
      () => refuseOpenDoors(defaultConfiguration, [{ host: '127.0.0.1', listener: 'mqtt' }, ...everywhere]),
      {
        code: 'CONFIG_INVALID',
      },
    )
    refuseOpenDoors({ ...defaultConfiguration, allowAnonymous: true }, everywhere)
  })

  it('open where clients have to log in, but for the console', () => {
    const auth = { password: { file: 'passwords' } }
    refuseOpenDoors({ ...defaultConfiguration, auth }, everywhere)
    const console = [{ host: '0.0.0.0', listener: undefined }]
    assert.throws(() => refuseOpenDoors({ ...defaultConfiguration, auth }, console), { code: 'CONFIG_INVALID' })
  })
})
