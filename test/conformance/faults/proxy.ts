/** Stands between peer and broker and breaks what a fault breaks; everything else passes as it is. */
import { once } from 'node:events'
import net from 'node:net'
import type { Address } from '../target/address.ts'
import type { Breaks, Link } from './fault.ts'

export interface Proxy extends AsyncDisposable {
  readonly address: Address
}

export async function plant(breaks: () => Breaks, broker: Address): Promise<Proxy> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ ...broker, noDelay: true, allowHalfOpen: true })
    for (const socket of [client, upstream]) sockets.add(socket)
    connect(client, upstream, breaks())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: { host: '127.0.0.1', port: (server.address() as net.AddressInfo).port },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function connect(client: net.Socket, upstream: net.Socket, breaks: Breaks): void {
  const link: Link = {
    toClient: (...packets) => void client.write(Buffer.concat(packets)),
    toServer: (...packets) => void upstream.write(Buffer.concat(packets)),
  }
  const { fromServer, fromClient, staysOpen = false } = breaks
  relay(upstream, client, (packet) => fromServer?.(packet, link) ?? [packet], staysOpen)
  relay(client, upstream, (packet) => fromClient?.(packet, link) ?? [packet], false)
}

const headerBytesMax = 5
/** What claims more is passed on as it comes: a server need not wait for it. */
const packetBytesMax = 500_000

function relay(
  from: net.Socket,
  to: net.Socket,
  change: (packet: Buffer) => readonly Buffer[],
  staysOpen: boolean,
): void {
  let unread = Buffer.alloc(0)
  let raw = false
  from.on('data', (bytes) => {
    unread = Buffer.concat([unread, bytes])
    raw ||= packetBytes(unread) > packetBytesMax && unread.length > headerBytesMax
    if (raw) {
      to.write(unread)
      unread = Buffer.alloc(0)
    }
    for (let length = packetBytes(unread); length <= unread.length; length = packetBytes(unread)) {
      const packet = unread.subarray(0, length)
      unread = unread.subarray(length)
      for (const changed of change(packet)) to.write(changed)
    }
  })
  from.on('error', () => (staysOpen ? undefined : reset(to)))
  from.on('end', () => {
    if (staysOpen) return
    if (unread.length > 0) to.write(unread)
    to.end()
  })
  from.on('close', () => (staysOpen ? undefined : to.destroySoon()))
}

/** Node 24 never closes the handle of a socket that is reset while it ends, and then cannot end itself. */
function reset(socket: net.Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

/** Infinite while the packet's length is not known; what is no length is passed on with all that follows. */
function packetBytes(bytes: Buffer): number {
  let length = 0
  for (let at = 1; at <= 4; at++) {
    const digit = bytes[at]
    if (digit === undefined) return Number.POSITIVE_INFINITY
    length += (digit & 0x7f) * 128 ** (at - 1)
    if (digit < 0x80) return at + 1 + length
  }
  return bytes.length
}
