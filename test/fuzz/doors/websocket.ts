/** WebSocket as an attacker speaks it: RFC 6455 by hand, right and wrong. */
import type { Random } from '@hawser/std'
import { chance, pick } from '../packets/choose.ts'

export function request(random: Random): Buffer {
  const protocol = pick(random, ['mqtt', 'mqtt', 'mqtt', 'mqtt', 'mqttv3.1', 'chat', ''])
  const lines = [
    `GET ${pick(random, ['/', '/mqtt', '/mqtt?x=1', '//', `/${'a'.repeat(random.integer(3_000))}`])} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${Buffer.from(random.bytes(16)).toString('base64')}`,
    `Sec-WebSocket-Version: ${pick(random, ['13', '13', '13', '13', '8', ''])}`,
    ...(protocol === '' ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ]
  const text = `${lines.join('\r\n')}\r\n\r\n`
  if (!chance(random, 10)) return Buffer.from(text)
  const damaged = Buffer.from(text)
  damaged[random.integer(damaged.length)] = random.integer(256)
  return damaged
}

interface Frame {
  readonly final: boolean
  readonly opcode: number
  readonly masked: boolean
}

function frame(random: Random, payload: Buffer, { final, opcode, masked }: Frame): Buffer {
  const head = [(final ? 0x80 : 0) | opcode]
  const maskBit = masked ? 0x80 : 0
  // A length that lies, now and then.
  const length = chance(random, 200) ? random.integer(0x10000) : payload.length
  if (length < 126) head.push(maskBit | length)
  else head.push(maskBit | 126, length >> 8, length & 0xff)
  if (!masked) return Buffer.concat([Buffer.from(head), payload])
  const mask = Buffer.from(random.bytes(4))
  const hidden = Buffer.from(payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0)))
  return Buffer.concat([Buffer.from(head), mask, hidden])
}

const binary = 2
const frameBytesMax = 60_000

/** Packets in frames: alone, several in one, one in several, with pings between, and a few wrong ones. */
export function frames(random: Random, packets: readonly Buffer[]): readonly Buffer[] {
  const whole = Buffer.concat(packets)
  const parts: Buffer[] = []
  for (let start = 0; start < whole.length; ) {
    const end = start + 1 + random.integer(Math.min(frameBytesMax, whole.length))
    const payload = whole.subarray(start, end)
    const wrong = chance(random, 100)
    const fragmented = payload.length > 1 && chance(random, 5)
    const masked = !chance(random, 200)
    if (fragmented) {
      const middle = random.integer(payload.length)
      parts.push(frame(random, payload.subarray(0, middle), { final: false, opcode: binary, masked }))
      if (chance(random, 3)) parts.push(frame(random, Buffer.from('ping'), { final: true, opcode: 9, masked }))
      parts.push(frame(random, payload.subarray(middle), { final: true, opcode: 0, masked }))
    } else {
      parts.push(frame(random, payload, { final: true, opcode: wrong ? random.integer(16) : binary, masked }))
    }
    start = end
  }
  return parts
}
