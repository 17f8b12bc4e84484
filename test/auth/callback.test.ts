import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { callbackServer } from '../../packages/auth/src/testing/callback-server.ts'
import { answerTo, codeOf, puback, suback } from './answer.ts'
import { hawserWith } from './hawser-with.ts'

describe('http callback, on the wire', () => {
  it('refuses whom the service refuses, and everybody while it is broken: 0x86 and 0x88, 4 and 3', async () => {
    await using service = await callbackServer(({ username, password }) =>
      username === 'ann' && password === 'secret of ann' ? { result: 'allow' } : { result: 'deny' },
    )
    const configuration = `auth:
  http:
    url: ${service.url}
    authorization_file: authorization
`
    await using broker = await hawserWith({ 'hawser.yaml': configuration, authorization: 'Bearer of-the-broker\n' })
    const url = `mqtt://127.0.0.1:${broker.port}`
    for (const [protocolVersion, wrong, none] of [
      [5, 0x86, 0x87],
      [4, 4, 5],
    ] as const) {
      assert.equal(await codeOf(url, { protocolVersion, username: 'ann', password: 'secret of ann' }), 0)
      assert.equal(await codeOf(url, { protocolVersion, username: 'ann', password: 'wrong' }), wrong)
      assert.equal(await codeOf(url, { protocolVersion }), none)
    }
    assert.equal(service.authorizations[0], 'Bearer of-the-broker')
    service.status = 500
    assert.equal(await codeOf(url, { protocolVersion: 5, username: 'eve', password: 'x' }), 0x88)
    assert.equal(await codeOf(url, { protocolVersion: 4, username: 'eve', password: 'x' }), 3)
    broker.hawser.kill('SIGTERM')
    const { stdout, stderr } = await broker.hawser.ended
    assert.match(stderr, /gives no verdict/)
    for (const secret of ['secret of ann', 'of-the-broker']) assert.equal(`${stdout}${stderr}`.includes(secret), false)
  })

  it('is asked for rights where no rule says', async () => {
    await using service = await callbackServer(({ topic }) => ({ result: topic === 'yes' ? 'allow' : 'deny' }))
    const configuration = `acl:
  http:
    url: ${service.url}
  rules:
    - allow: [all]
      topics: [known]
`
    await using broker = await hawserWith({ 'hawser.yaml': configuration })
    const { client } = await answerTo(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 5 })
    assert.ok(client)
    assert.equal(await puback(client, 'known'), 0)
    assert.equal(service.questions.length, 0)
    assert.equal(await puback(client, 'yes'), 0)
    assert.equal(await puback(client, 'no'), 0x87)
    assert.equal(await suback(client, 'yes'), 0)
    assert.equal(await suback(client, 'no'), 0x87)
    client.end(true)
  })
})
