/** Connections that have begun and do not go on. */
import { once } from 'node:events'
import type { Socket } from 'node:net'

interface Kind {
  readonly name: string
  readonly listener: 'mqtt' | 'tls' | 'ws'
  readonly says: Buffer
}

/** The first half of a ClientHello: a record of 512 bytes is announced. */
const clientHello = Buffer.concat([Buffer.from('1603010200010001fc0303', 'hex'), Buffer.alloc(100)])

export const halfOpenKinds: readonly Kind[] = [
  { name: 'silent', listener: 'mqtt', says: Buffer.alloc(0) },
  { name: 'half a CONNECT', listener: 'mqtt', says: Buffer.from('10ff7f00044d515454', 'hex') },
  { name: 'half a ClientHello', listener: 'tls', says: clientHello },
  { name: 'half a request', listener: 'ws', says: Buffer.from('GET / HTTP/1.1\r\nHost: here\r\nX-Slow: ') },
]

/** The socket stays open until the broker ends it; nothing is expected back. */
export async function opens(socket: Socket, says: Buffer): Promise<void> {
  socket.on('error', () => undefined)
  socket.resume()
  if (socket.connecting) await once(socket, 'connect')
  if (says.length > 0) socket.write(says)
}
