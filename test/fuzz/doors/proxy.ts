/** Headers of the PROXY protocol, of both versions, right and wrong. */
import type { Random } from '@hawser/std'
import { chance, pick } from '../packets/choose.ts'
import { mutate } from '../packets/mutate.ts'

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

const texts = [
  'PROXY TCP4 192.0.2.1 192.0.2.2 50000 1883\r\n',
  'PROXY TCP6 2001:db8::1 2001:db8::2 50000 1883\r\n',
  'PROXY UNKNOWN\r\n',
  'PROXY TCP4 999.0.2.1 192.0.2.2 50000 1883\r\n',
  'PROXY TCP4 192.0.2.1\r\n',
  `PROXY UNKNOWN ${'x'.repeat(200)}\r\n`,
]

function binary(random: Random): Buffer {
  const command = pick(random, [0x20, 0x21, 0x21, 0x21, 0x2f, 0x11])
  const family = pick(random, [0x11, 0x11, 0x21, 0x31, 0x00, 0xff])
  const addresses = { 17: 12, 33: 36, 49: 216 }[family] ?? 0
  const body = Buffer.from(random.bytes(addresses + (chance(random, 3) ? random.integer(300) : 0)))
  const length = chance(random, 20) ? random.integer(0x10000) : body.length
  return Buffer.concat([signature, Buffer.from([command, family, length >> 8, length & 0xff]), body])
}

export function proxyHeader(random: Random): Buffer {
  const header = chance(random, 2) ? Buffer.from(pick(random, texts)) : binary(random)
  return chance(random, 5) ? mutate(header, random) : header
}
