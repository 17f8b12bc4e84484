import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { proxyHeaderBytesMax, readProxyHeader } from './proxy-header.ts'

const signature = '0d0a0d0a000d0a515549540a'
/** Version 2, written by hand from the specification. */
const binary = (commandAndFamily: string, body: string): Buffer =>
  Buffer.from(`${signature}${commandAndFamily}${(body.length / 2).toString(16).padStart(4, '0')}${body}`, 'hex')
const text = (line: string): Buffer => Buffer.from(`${line}\r\n`, 'latin1')

const tcp4 = 'c0000201c0000202d431075b'
const tcp6 = `20010db8${'00'.repeat(11)}01${'00'.repeat(16)}d431075b`
const tlv = '030004a1b2c3d4'

const headers: readonly [name: string, bytes: Buffer, from: string | undefined][] = [
  ['1, TCP4', text('PROXY TCP4 192.0.2.1 192.0.2.2 54321 1883'), '192.0.2.1:54321'],
  ['1, TCP6', text('PROXY TCP6 2001:db8::1 ::1 54321 1883'), '2001:db8::1:54321'],
  ['1, UNKNOWN', text('PROXY UNKNOWN'), undefined],
  ['1, UNKNOWN with something behind', text('PROXY UNKNOWN ffff::1 ffff::2 1 2'), undefined],
  ['2, TCP4', binary('2111', tcp4), '192.0.2.1:54321'],
  ['2, TCP4 with TLVs', binary('2111', tcp4 + tlv), '192.0.2.1:54321'],
  ['2, TCP6', binary('2121', tcp6), '2001:db8::1:54321'],
  ['2, Unix', binary('2131', '00'.repeat(216)), 'unix'],
  ['2, LOCAL', binary('2000', ''), undefined],
  ['2, LOCAL with an address that counts for nothing', binary('2011', tcp4), undefined],
  ['2, unspecified', binary('2100', ''), undefined],
]

const faults: readonly [name: string, bytes: Buffer][] = [
  ['1, no addresses', text('PROXY TCP4')],
  ['1, an address of the other family', text('PROXY TCP4 ::1 ::1 1 2')],
  ['1, a port too high', text('PROXY TCP4 192.0.2.1 192.0.2.2 65536 1')],
  ['1, three ports', text('PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3')],
  ['1, another family', text('PROXY UDP4 192.0.2.1 192.0.2.2 1 2')],
  ['1, without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)],
  ['2, another version', binary('1111', tcp4)],
  ['2, another command', binary('2211', tcp4)],
  ['2, a datagram', binary('2112', tcp4)],
  ['2, an address cut short', binary('2111', tcp4.slice(2))],
  ['2, too long', binary('2111', tcp4 + '00'.repeat(proxyHeaderBytesMax))],
]

describe('PROXY header', () => {
  for (const [name, bytes, from] of headers) {
    it(`version ${name}: read, however it is split, and not a byte further`, () => {
      for (let end = 1; end < bytes.length; end++) {
        assert.equal(readProxyHeader(bytes.subarray(0, end)).kind, 'unfinished', `${end} bytes`)
      }
      assert.deepEqual(readProxyHeader(Buffer.concat([bytes, Buffer.of(0x10, 0x0c)])), {
        kind: 'header',
        header: from === undefined ? { kind: 'local' } : { kind: 'proxied', remoteAddress: from },
        bytes: bytes.length,
      })
    })
  }

  for (const [name, bytes] of faults) {
    it(`version ${name}: refused`, () => assert.equal(readProxyHeader(bytes).kind, 'fault'))
  }

  it('is absent where something else begins', () => {
    for (const bytes of ['100c00', '160301', '474554', '504f5354', '0d0a0d0b'].map((hex) => Buffer.from(hex, 'hex'))) {
      assert.equal(readProxyHeader(bytes).kind, 'absent', bytes.toString('hex'))
    }
  })
})
