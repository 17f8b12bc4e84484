import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { systemClock } from '@hawser/std'
import { type JWTPayload, SignJWT } from 'jose'
import { runHawserProcess } from '../../packages/cli/src/testing/running-hawser.ts'
import { answerTo, codeOf, puback, suback } from './answer.ts'
import { hawserWith } from './hawser-with.ts'

const secret = 'a secret of thirty-two bytes or more'
const nowSeconds = (): number => Math.floor(systemClock.wallMicros() / 1e6)

const token = (payload: JWTPayload, key = secret): Promise<string> =>
  new SignJWT({ sub: 'ann', exp: nowSeconds() + 3_600, ...payload })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(key))

const configuration = `auth:
  jwt:
    secret_file: secret
    username_matches: true
`

describe('jwt, on the wire', () => {
  it('refuses all but a good token: 0x86 in 5.0, 4 in 3.1.1', async () => {
    await using broker = await hawserWith({ 'hawser.yaml': configuration, secret: `${secret}\n` })
    const url = `mqtt://127.0.0.1:${broker.port}`
    const good = await token({})
    const forged = await token({}, 'another secret of the same length....')
    const expired = await token({ exp: nowSeconds() - 5 })
    for (const [protocolVersion, wrong, none] of [
      [5, 0x86, 0x87],
      [4, 4, 5],
    ] as const) {
      assert.equal(await codeOf(url, { protocolVersion, username: 'ann', password: good }), 0)
      for (const password of [forged, expired]) {
        assert.equal(await codeOf(url, { protocolVersion, username: 'ann', password }), wrong)
      }
      assert.equal(await codeOf(url, { protocolVersion, username: 'bob', password: good }), wrong)
      assert.equal(await codeOf(url, { protocolVersion, username: 'ann', password: 'no token' }), none)
    }
    broker.hawser.kill('SIGTERM')
    const { stdout, stderr } = await broker.hawser.ended
    for (const told of [secret, good, forged]) assert.equal(`${stdout}${stderr}`.includes(told), false)
  })

  it('lets its bearer do what its claims say, and ends with it', async () => {
    await using broker = await hawserWith({ 'hawser.yaml': configuration, secret })
    const password = await token({ exp: nowSeconds() + 10, acl: { pub: ['out/#'], sub: ['in/+'] } })
    const options = { protocolVersion: 5, username: 'ann', password } as const
    const { client } = await answerTo(`mqtt://127.0.0.1:${broker.port}`, options)
    assert.ok(client)
    assert.equal(await suback(client, 'in/a'), 0)
    assert.equal(await suback(client, 'in/#'), 0x87)
    assert.equal(await puback(client, 'out/a/b'), 0)
    assert.equal(await puback(client, 'in/a'), 0x87)
    const disconnect = await new Promise<{ readonly reasonCode?: number | undefined }>((resolve) =>
      client.once('disconnect', resolve),
    )
    assert.equal(disconnect.reasonCode, 0xa0)
    client.end(true)
  })

  it('takes its key from the environment or a PEM file, and starts with none that cannot be', async () => {
    const fromEnvironment = configuration.replace('secret_file: secret', 'secret_env: SECRET_OF_TOKENS')
    {
      await using broker = await hawserWith({ 'hawser.yaml': fromEnvironment }, [], { SECRET_OF_TOKENS: secret })
      const options = { protocolVersion: 5, username: 'ann', password: await token({}) } as const
      assert.equal(await codeOf(`mqtt://127.0.0.1:${broker.port}`, options), 0)
    }
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const files = {
      'hawser.yaml': 'auth:\n  jwt:\n    public_key_file: key.pem\n    algorithms: [ES256]\n',
      'key.pem': publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    }
    await using broker = await hawserWith(files)
    const payload = { sub: 'ann', exp: nowSeconds() + 60 }
    const password = await new SignJWT(payload).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
    const url = `mqtt://127.0.0.1:${broker.port}`
    assert.equal(await codeOf(url, { protocolVersion: 5, username: 'any', password }), 0)
    const confused = await token({}, files['key.pem'])
    assert.equal(await codeOf(url, { protocolVersion: 5, username: 'any', password: confused }), 0x86)
    await assert.rejects(hawserWith({ 'hawser.yaml': configuration, secret: 'short' }), /shorter than 32 bytes/)
    await assert.rejects(hawserWith({ 'hawser.yaml': fromEnvironment }), /the environment has no SECRET_OF_TOKENS/)
    const started = await runHawserProcess(['config', 'check', `${broker.folder}/hawser.yaml`])
    assert.equal(started.code, 0)
  })
})
