/** What arrives at a TLS listener and is no TLS: half a ClientHello, records that lie, plain MQTT. */
import type { Random } from '@hawser/std'
import { pick } from '../packets/choose.ts'
import { mutate } from '../packets/mutate.ts'

const record = (type: number, body: Uint8Array, length = body.length): Buffer =>
  Buffer.concat([Buffer.from([type, 3, 1, length >> 8, length & 0xff]), body])

const handshake = 0x16

/** The beginning of a ClientHello of TLS 1.2 with one cipher and no extension. */
function clientHello(random: Random): Buffer {
  const body = Buffer.concat([Buffer.from([3, 3]), random.bytes(32), Buffer.from([0, 0, 2, 0xc0, 0x2f, 1, 0, 0, 0])])
  return record(handshake, Buffer.concat([Buffer.from([1, 0, 0, body.length]), body]))
}

export function tlsGarbage(random: Random, plain: Buffer): Buffer {
  return pick(random, [
    () => plain,
    () => mutate(clientHello(random), random),
    () => Buffer.concat([clientHello(random), random.bytes(random.integer(500))]),
    () => record(pick(random, [0x14, 0x15, handshake, 0x17, 0x80]), random.bytes(random.integer(300)), 0x4000),
  ])()
}
