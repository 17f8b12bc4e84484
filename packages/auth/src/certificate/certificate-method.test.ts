import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { candidate } from '../testing/candidate.ts'
import { CertificateMethod } from './certificate-method.ts'

const certificate = { subject: 'CN=pump-7,O=Works', commonName: 'pump-7', fingerprint256: 'AA:BB' }

describe('certificate', () => {
  it('takes common name or subject for the user name, whatever CONNECT says', () => {
    for (const [name, expected] of [
      ['common-name', 'pump-7'],
      ['subject', 'CN=pump-7,O=Works'],
    ] as const) {
      const verdict = new CertificateMethod(name).authenticate(candidate({ certificate, username: 'root' }))
      assert.equal(verdict.kind === 'accepted' && verdict.proved.username, expected)
    }
  })

  it('leaves to others who has none, and refuses one without a name', () => {
    const method = new CertificateMethod('common-name')
    assert.equal(method.authenticate(candidate()).kind, 'not-mine')
    const verdict = method.authenticate(candidate({ certificate: { ...certificate, commonName: undefined } }))
    assert.equal(verdict.kind === 'refused' && verdict.reasonCode, 0x86)
  })
})
