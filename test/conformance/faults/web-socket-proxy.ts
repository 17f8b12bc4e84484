/** The same between a WebSocket and its broker. Chunks are changed as they come, by what they begin with. */
import { once } from 'node:events'
import net from 'node:net'
import type { Address } from '../target/address.ts'
import type { Breaks } from './fault.ts'

export async function plantWebSocket(
  breaks: () => Breaks,
  broker: Address,
): Promise<AsyncDisposable & { readonly address: Address }> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ noDelay: true }, (client) => {
    const upstream = net.connect({ ...broker, noDelay: true })
    const { webSocket = {} } = breaks()
    const { fromClient = unchanged, fromServer = unchanged } = webSocket
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('data', (chunk) => upstream.write(fromClient(chunk)))
    upstream.on('data', (chunk) => client.write(fromServer(chunk)))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroySoon())
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

const unchanged = (chunk: Buffer): Buffer => chunk
