/** A connection through a SOCKS5 proxy, RFC 1928 and 1929; names are resolved by the proxy. */
import type { Socket } from 'node:net'
import { RunRefusal } from '../refusal.ts'
import type { ProxySettings } from '../settings.ts'

const version = 5
const noAuthentication = 0
const usernamePassword = 2
const textBytesMax = 255

const proxyError = (cause?: unknown): RunRefusal => new RunRefusal('Unable to connect (Proxy error.).', 1, cause)

/** `socket` is open to the proxy; afterwards it is as if open to the target. */
export async function socksHandshake(socket: Socket, proxy: ProxySettings, host: string, port: number): Promise<void> {
  const method = proxy.username === undefined ? noAuthentication : usernamePassword
  socket.write(Uint8Array.of(version, 1, method))
  const chosen = await exactly(socket, 2)
  if (chosen[0] !== version || chosen[1] !== method) throw proxyError()
  if (method === usernamePassword) await authenticate(socket, proxy)
  socket.write(Buffer.concat([Uint8Array.of(version, 1, 0, 3), shortText(host), Uint8Array.of(port >> 8, port & 0xff)]))
  const reply = await exactly(socket, 4)
  if (reply[0] !== version || reply[1] !== 0) throw proxyError()
  await exactly(socket, (await boundAddressBytes(socket, reply[3])) + 2)
}

async function authenticate(socket: Socket, { username = '', password = '' }: ProxySettings): Promise<void> {
  socket.write(Buffer.concat([Uint8Array.of(1), shortText(username), shortText(password)]))
  const answer = await exactly(socket, 2)
  if (answer[1] !== 0) throw proxyError()
}

async function boundAddressBytes(socket: Socket, addressType: number | undefined): Promise<number> {
  if (addressType === 1) return 4
  if (addressType === 4) return 16
  if (addressType === 3) return (await exactly(socket, 1))[0] ?? 0
  throw proxyError()
}

function shortText(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length > textBytesMax) throw proxyError()
  return Buffer.concat([Uint8Array.of(bytes.length), bytes])
}

/** Takes just these bytes: the ones after them belong to the broker. */
function exactly(socket: Socket, count: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.off('readable', take).off('close', fail).off('error', fail)
    }
    const take = (): void => {
      const bytes: Buffer | null = socket.read(count)
      if (bytes === null) return
      stop()
      if (bytes.length === count) resolve(bytes)
      else reject(proxyError())
    }
    const fail = (cause?: unknown): void => {
      stop()
      reject(proxyError(cause))
    }
    socket.on('readable', take).on('close', fail).on('error', fail)
    take()
  })
}
