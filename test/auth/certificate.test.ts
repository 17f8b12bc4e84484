import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makeAuthority } from '../support/certificates.ts'
import { answerTo, codeOf, puback } from './answer.ts'
import { hawserWith } from './hawser-with.ts'

const configuration = `listeners:
  secure:
    protocol: mqtts
    port: 0
    tls:
      certificate_file: server.crt
      key_file: server.key
      ca_file: ca.crt
      client_certificate: request
auth:
  certificate: {}
  client_id:
    equals: common-name
acl:
  rules:
    - allow: [all]
      topics: ['pumps/%u/#']
`

describe('client certificate, on the wire', async () => {
  const authority = await makeAuthority()
  const stranger = await makeAuthority('another authority')
  const server = await authority.issue('CN=localhost', { hosts: ['127.0.0.1'] })
  const pump = await authority.issue('CN=pump-7,O=Works')
  const foreign = await stranger.issue('CN=pump-7,O=Works')
  const files = {
    'hawser.yaml': configuration,
    'server.crt': server.certificate,
    'server.key': server.key,
    'ca.crt': authority.certificate,
  }
  const identified = { ca: authority.certificate, cert: pump.certificate, key: pump.key }

  it('is the user name, and binds the client id: 0x87 without one, 0x85 for another id, 5 and 2 in 3.1.1', async () => {
    await using broker = await hawserWith(files)
    const url = `mqtts://127.0.0.1:${broker.tlsPort}`
    for (const [protocolVersion, none, other] of [
      [5, 0x87, 0x85],
      [4, 5, 2],
    ] as const) {
      assert.equal(await codeOf(url, { protocolVersion, clientId: 'pump-7', ...identified }), 0)
      assert.equal(await codeOf(url, { protocolVersion, clientId: 'pump-8', ...identified }), other)
      assert.equal(await codeOf(url, { protocolVersion, clientId: 'pump-7', ca: authority.certificate }), none)
    }
    const { client } = await answerTo(url, { protocolVersion: 5, clientId: 'pump-7', username: 'root', ...identified })
    assert.ok(client)
    assert.equal(await puback(client, 'pumps/pump-7/x'), 0)
    assert.equal(await puback(client, 'pumps/root/x'), 0x87)
    client.end(true)
  })

  it('of another authority does not get as far', async () => {
    await using broker = await hawserWith(files)
    const options = { clientId: 'pump-7', ca: authority.certificate, cert: foreign.certificate, key: foreign.key }
    await assert.rejects(codeOf(`mqtts://127.0.0.1:${broker.tlsPort}`, options))
  })
})
