/** The first frame of a connection: who calls, and under which socket it can be called back. */
import type { PeerId } from '@hawser/engine'

const busVersion = 1
export const greetingChannel = 'hawser-bus'

export interface Greeting {
  readonly peer: PeerId
  readonly socket: string
}

export const encodeGreeting = (greeting: Greeting): Buffer =>
  Buffer.from(JSON.stringify({ version: busVersion, ...greeting }))

/** Undefined for whoever does not speak this version of the bus. */
export function decodeGreeting(channel: string, bytes: Buffer): Greeting | undefined {
  if (channel !== greetingChannel) return undefined
  const { version, peer, socket } = parse(bytes)
  if (version !== busVersion || typeof peer !== 'string' || typeof socket !== 'string') return undefined
  return isSocketName(socket) ? { peer: peer as PeerId, socket } : undefined
}

function parse(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

const nameForm = /^[A-Za-z0-9._-]{1,64}$/
const socketForm = /^[A-Za-z0-9._-]{1,64}@[0-9a-f]{8}\.sock$/

export const isPeerName = (name: string): boolean => nameForm.test(name)
/** Each life of a peer has a socket of its own, so that a stale one can be removed without harm to the next. */
export const socketName = (self: PeerId, nonce: Uint8Array): string =>
  `${self}@${Buffer.from(nonce).toString('hex')}.sock`
/** While its owner does not listen yet. */
export const earlySocketName = (socket: string): string => `${socket}~`
export const isSocketName = (name: string): boolean => socketForm.test(name)
