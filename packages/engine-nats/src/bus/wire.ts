/**
 * What goes between two nodes, version 1 (little endian): u8 version | u8 kind | u8 bytes of the sender's key |
 * key, then
 *
 *   hello     nothing: who hears it and does not know the sender answers with a status
 *   status    u8 flags | f64 number of the segment that it expects | f64 number of the segment that it sends next
 *   segment   f64 number | a part of the stream of frames to this peer
 *   bye       nothing: it sends nothing more, and forgets us
 *
 * A key is a node's name and a nonce of its life, so that nothing of a former life is taken for the present one's.
 */
import type { PeerId } from '@hawser/engine'

const wireVersion = 1
const kinds = { hello: 0, status: 1, segment: 2, bye: 3 } as const
const fixedBytes = 3
const numberBytes = 8

/** `wantsAnswer`: tell me at once what you have. `hasGap`: send again all from what I expect. */
export const statusFlag = { wantsAnswer: 1, hasGap: 2 } as const

export type PeerKey = string

export type WireMessage = { readonly from: PeerKey } & (
  | { readonly kind: 'hello' | 'bye' }
  | { readonly kind: 'status'; readonly flags: number; readonly expected: number; readonly next: number }
  | { readonly kind: 'segment'; readonly number: number; readonly bytes: Buffer }
)

const keyForm = /^([A-Za-z0-9_-]{1,64})\.([0-9a-f]{8})$/
const nameForm = /^[A-Za-z0-9_-]{1,64}$/

export const isPeerName = (name: string): boolean => nameForm.test(name)
export const peerKey = (name: PeerId, nonce: Uint8Array): PeerKey => `${name}.${Buffer.from(nonce).toString('hex')}`
export const nameOf = (key: PeerKey): PeerId => key.slice(0, key.indexOf('.')) as PeerId

export const encodeHello = (from: PeerKey): Buffer => message(kinds.hello, from, 0).bytes
export const encodeBye = (from: PeerKey): Buffer => message(kinds.bye, from, 0).bytes

export function encodeStatus(from: PeerKey, flags: number, expected: number, next: number): Buffer {
  const { bytes, body } = message(kinds.status, from, 1 + 2 * numberBytes)
  bytes.writeUInt8(flags, body)
  bytes.writeDoubleLE(expected, body + 1)
  bytes.writeDoubleLE(next, body + 1 + numberBytes)
  return bytes
}

export function encodeSegment(from: PeerKey, number: number, frames: Uint8Array): Buffer {
  const { bytes, body } = message(kinds.segment, from, numberBytes + frames.length)
  bytes.writeDoubleLE(number, body)
  bytes.set(frames, body + numberBytes)
  return bytes
}

/** Undefined for what is none of ours, or of another version. */
export function decodeWire(bytes: Buffer): WireMessage | undefined {
  if (bytes.length < fixedBytes || bytes[0] !== wireVersion) return undefined
  const body = fixedBytes + bytes.readUInt8(2)
  const from = bytes.toString('latin1', fixedBytes, body)
  if (!keyForm.test(from)) return undefined
  const rest = bytes.length - body
  switch (bytes[1]) {
    case kinds.hello:
      return { kind: 'hello', from }
    case kinds.bye:
      return { kind: 'bye', from }
    case kinds.status: {
      if (rest !== 1 + 2 * numberBytes) return undefined
      const [flags, expected, next] = [
        bytes.readUInt8(body),
        bytes.readDoubleLE(body + 1),
        bytes.readDoubleLE(body + 9),
      ]
      return { kind: 'status', from, flags, expected, next }
    }
    case kinds.segment:
      if (rest < numberBytes) return undefined
      return { kind: 'segment', from, number: bytes.readDoubleLE(body), bytes: bytes.subarray(body + numberBytes) }
    default:
      return undefined
  }
}

function message(kind: number, from: PeerKey, bodyBytes: number): { readonly bytes: Buffer; readonly body: number } {
  const body = fixedBytes + from.length
  const bytes = Buffer.allocUnsafe(body + bodyBytes)
  bytes[0] = wireVersion
  bytes[1] = kind
  bytes[2] = from.length
  bytes.write(from, fixedBytes, 'latin1')
  return { bytes, body }
}
