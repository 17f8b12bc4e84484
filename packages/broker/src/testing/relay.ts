/** A proxy in front of a listener: sends what it is told, byte by byte if wanted, and then what its clients send. */
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'

export interface Relay extends AsyncDisposable {
  readonly port: number
}

/** `from`: the loopback address that it connects from. */
export async function startRelay(
  target: number,
  header: Buffer,
  from = '127.0.0.1',
  byteByByte = false,
): Promise<Relay> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((client) => {
    const upstream = net.connect({ port: target, host: '127.0.0.1', localAddress: from, noDelay: true })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    upstream.pipe(client)
    const parts = byteByByte ? [...header].map((byte) => Buffer.of(byte)) : [header]
    const next = (): void => {
      const part = parts.shift()
      if (part === undefined) client.pipe(upstream)
      else upstream.write(part, () => setImmediate(next))
    }
    next()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
