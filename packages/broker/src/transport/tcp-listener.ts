/**
 * Lever: one read buffer for all sockets. Node reads into it (`onread`), packets are parsed where they lie, and an
 * idle connection keeps no buffer. Sockets that a server accepts do not take `onread`, so each accepted handle is
 * given to a socket of our own before its first read.
 */
import net from 'node:net'
import { HawserError } from '@hawser/std'
import type { Accept, Listener, Transport, TransportHandler } from './transport.ts'

const readBufferBytes = 65_536
const backlog = 4_096

export interface TcpListenerOptions {
  readonly name: string
  readonly host: string
  readonly port: number
}

export async function listenTcp(options: TcpListenerOptions, accept: Accept): Promise<Listener> {
  const transports = new Set<TcpTransport>()
  const readBuffer = Buffer.allocUnsafeSlow(readBufferBytes)
  const server = net.createServer({ pauseOnConnect: true, noDelay: true }, (accepted) => {
    const transport = new TcpTransport(takeOver(accepted, readBuffer), options.name, transports)
    transport.handler = accept(transport)
  })
  await listening(server, options)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return {
    name: options.name,
    protocol: 'mqtt',
    host: options.host,
    port,
    async [Symbol.asyncDispose]() {
      for (const transport of transports) transport.destroy()
      // The sockets are ours, so the server's own count of them never falls: close is not waited for.
      server.close()
    },
  }
}

export function listening(
  server: net.Server,
  options: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === 'EADDRINUSE'
      reject(
        new HawserError(
          inUse ? 'PORT_IN_USE' : 'CONFIG_INVALID',
          inUse
            ? `port ${options.port} on ${options.host} is in use`
            : `cannot listen on ${options.host}:${options.port}: ${cause.message}`,
          { cause, mend: inUse ? 'stop what listens there or choose another port' : 'choose another address or port' },
        ),
      )
    })
    server.listen({ host: options.host, port: options.port, backlog }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

interface HandleOwner {
  _handle: unknown
}

function takeOver(accepted: net.Socket, readBuffer: Buffer): net.Socket {
  const owner = accepted as unknown as HandleOwner
  const handle = owner._handle
  owner._handle = null
  return new net.Socket({
    handle: handle as NonNullable<net.SocketConstructorOpts['handle']>,
    onread: {
      buffer: readBuffer,
      callback(this: unknown, bytesRead: number): boolean {
        return (this as AdoptedSocket).transport.onRead(readBuffer, bytesRead)
      },
    },
  })
}

/** A socket that knows its transport, so that its listeners are shared functions and not closures. */
type AdoptedSocket = net.Socket & { transport: TcpTransport }

class TcpTransport implements Transport {
  readonly remoteAddress: string
  readonly listener: string
  readonly certificate = undefined
  handler: TransportHandler | undefined
  readonly #socket: net.Socket
  readonly #open: Set<TcpTransport>
  #paused = false

  constructor(socket: net.Socket, listener: string, open: Set<TcpTransport>) {
    this.#socket = socket
    this.#open = open
    this.listener = listener
    this.remoteAddress = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`
    open.add(this)
    const adopted = socket as AdoptedSocket
    adopted.transport = this
    socket.setNoDelay(true)
    socket.on('error', onSocketError)
    socket.on('close', onSocketClose)
    socket.resume()
  }

  onRead(buffer: Buffer, bytesRead: number): boolean {
    this.handler?.bytes(buffer, 0, bytesRead)
    return !this.#paused
  }

  onClosed(): void {
    this.#open.delete(this)
    this.handler?.closed()
    this.handler = undefined
  }

  write(bytes: Buffer, written: () => void): void {
    this.#socket.write(bytes, written)
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket.resume()
  }

  end(): void {
    this.#socket.end()
    // A peer that never closes its side would keep the socket half open.
    this.#socket.once('finish', destroySocket)
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

function onSocketClose(this: net.Socket): void {
  ;(this as AdoptedSocket).transport.onClosed()
}

/** A reset or a broken pipe: 'close' follows, and tells what there is to tell. */
function onSocketError(this: net.Socket): void {
  this.destroy()
}

function destroySocket(this: net.Socket): void {
  this.destroySoon()
}
