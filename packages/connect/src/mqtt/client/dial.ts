/** A socket to a broker, by its URL. */
import { once } from 'node:events'
import { isIP, connect as plain, type Socket } from 'node:net'
import { connect as secure } from 'node:tls'

export interface RemoteTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** Rejects with the socket's error, or with the signal's reason. */
export async function dial(url: string, tls: RemoteTls | undefined, signal: AbortSignal): Promise<Socket> {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isSecure = protocol === 'mqtts:'
  const where = { host, port: Number(port || (isSecure ? 8883 : 1883)) }
  const servername = isIP(host) === 0 ? { servername: host } : {}
  const socket = isSecure ? secure({ ...where, ...servername, ...tls }) : plain({ ...where, noDelay: true })
  try {
    await once(socket, isSecure ? 'secureConnect' : 'connect', { signal })
    return socket.setNoDelay(true)
  } catch (error) {
    socket.on('error', () => undefined).destroy()
    signal.throwIfAborted()
    throw error
  }
}
