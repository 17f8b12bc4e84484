import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Doorman } from './doorman.ts'

const local = new Doorman({ host: '127.0.0.1', allowedHosts: [], token: 'secret', openReading: true })
const open = new Doorman({ host: '0.0.0.0', allowedHosts: ['hawser.example'], token: 'secret', openReading: false })

describe('doorman', () => {
  for (const host of ['127.0.0.1:8080', 'localhost:8080', 'LOCALHOST', '[::1]:8080', '127.0.0.2:1']) {
    it(`knows ${host} on loopback`, () => assert.equal(local.place({ host }), undefined))
  }

  for (const host of [
    'evil.example',
    'evil.example:8080',
    '192.0.2.7:8080',
    'localhost.evil.example',
    '',
    'a@localhost',
    'localhost/x',
  ]) {
    it(`does not know "${host}" on loopback`, () => assert.equal(local.place({ host })?.code, 'FOREIGN_HOST'))
  }

  it('knows addresses and configured names when bound to all', () => {
    for (const host of ['192.0.2.7:8080', '[2001:db8::1]:8080', 'hawser.example', 'localhost:8080']) {
      assert.equal(open.place({ host }), undefined, host)
    }
    assert.equal(open.place({ host: 'rebound.example:8080' })?.code, 'FOREIGN_HOST')
  })

  it('takes an Origin that is the Host itself, also through a proxy that ends TLS', () => {
    assert.equal(local.place({ host: 'localhost:8080', origin: 'http://localhost:8080' }), undefined)
    assert.equal(open.place({ host: 'hawser.example', origin: 'https://hawser.example' }), undefined)
  })

  for (const origin of [
    'http://evil.example',
    'http://localhost:3000',
    'http://127.0.0.1:8080',
    'null',
    'file://',
    '',
  ]) {
    it(`refuses the Origin "${origin}"`, () => {
      assert.equal(local.place({ host: 'localhost:8080', origin })?.code, 'FOREIGN_ORIGIN')
    })
  }

  it('takes the token as a header or as a subprotocol, and nothing else', () => {
    assert.equal(local.token({ authorization: 'Bearer secret' }), undefined)
    assert.equal(local.token({ 'sec-websocket-protocol': 'hawser.live.v1, bearer.secret' }), undefined)
    for (const authorization of ['Bearer Secret', 'Bearer ', 'Bearer', 'Basic secret', 'secret', undefined]) {
      assert.equal(local.token({ authorization })?.status, 401)
    }
    assert.equal(local.token({ 'sec-websocket-protocol': 'bearer.wrong' })?.status, 401)
  })
})
