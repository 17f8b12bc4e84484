/** The least SOCKS5 proxy that both sides can be sent through: RFC 1928, CONNECT, with or without a password. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export const proxyUser = { name: 'us%er', password: 'pa:ss' }

export interface SocksProxy extends AsyncDisposable {
  readonly port: number
  /** Connections that were let through, by the user's name or the empty text. */
  readonly users: string[]
}

export async function startSocksProxy(): Promise<SocksProxy> {
  const users: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    serve(socket, users).catch(() => socket.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return {
    port: address.port,
    users,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Each message of the handshake comes alone and whole: the client waits for the answer. */
async function serve(socket: Socket, users: string[]): Promise<void> {
  const next = async (): Promise<Buffer> => (await once(socket, 'data'))[0] as Buffer
  const greeting = await next()
  const method = greeting.subarray(2).includes(2) ? 2 : 0
  socket.write(Uint8Array.of(5, method))
  let user = ''
  if (method === 2) {
    const login = await next()
    const nameEnd = 2 + (login[1] ?? 0)
    user = login.toString('utf8', 2, nameEnd)
    const granted = user === proxyUser.name && login.toString('utf8', nameEnd + 1) === proxyUser.password
    socket.write(Uint8Array.of(1, granted ? 0 : 1))
    if (!granted) return
  }
  const request = await next()
  const host = request.toString('latin1', 5, 5 + (request[4] ?? 0))
  const target = connect(request.readUInt16BE(request.length - 2), host)
  target.on('error', () => socket.destroy())
  await once(target, 'connect')
  users.push(user)
  socket.write(Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0))
  socket.pipe(target).pipe(socket)
}
