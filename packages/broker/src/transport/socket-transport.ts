/**
 * MQTT right on a socket. [MQTT-4.2.0-1] v3.1.1 [MQTT-7.1.1-1]
 *
 * Lever: one read buffer for all sockets. Node reads into it (`onread`), packets are parsed where they lie, and an idle
 * connection keeps no buffer. Sockets that a server accepts do not take `onread`, so each accepted handle is given to a
 * socket of our own. TLS decrypts into memory of its own, which is handed over as it comes.
 */
import net from 'node:net'
import type { ClientCertificate } from '../access.ts'
import type { Arrival } from './arrivals.ts'
import type { ListenerRules } from './listener-options.ts'
import type { Transport, TransportHandler } from './transport.ts'

const readBufferBytes = 65_536
const readBuffer = Buffer.allocUnsafeSlow(readBufferBytes)

/** What the transports of one listener share. */
export interface TransportGroup {
  readonly name: string
  readonly rules: ListenerRules
  readonly open: Set<Transport>
}

export class SocketTransport implements Transport {
  readonly remoteAddress: string
  readonly listener: string
  readonly rules: ListenerRules
  readonly certificate: ClientCertificate | undefined
  readonly crowded: boolean
  readonly acceptedAtMs: number
  handler: TransportHandler | undefined
  readonly #socket: net.Socket
  readonly #open: Set<Transport>
  #paused = false

  /** `adopted`: the socket reads into the shared buffer by itself. */
  private constructor(socket: net.Socket, arrival: Arrival, group: TransportGroup, adopted: boolean) {
    this.#socket = socket
    this.#open = group.open
    this.listener = group.name
    this.rules = group.rules
    this.remoteAddress = arrival.remoteAddress
    this.certificate = arrival.certificate
    this.crowded = arrival.crowded
    this.acceptedAtMs = arrival.acceptedAtMs
    group.open.add(this)
    ;(socket as OwnedSocket).transport = this
    socket.on('error', onSocketError)
    socket.on('close', onSocketClose)
    if (!adopted) socket.on('data', onSocketData)
    socket.resume()
  }

  /** On a socket just accepted, or read up to the end of a PROXY header. */
  static adopt(arrival: Arrival, group: TransportGroup): SocketTransport {
    const socket = takeOver(arrival.socket)
    socket.setNoDelay(true)
    return new SocketTransport(socket, arrival, group, true)
  }

  /** On a socket that decrypts. */
  static wrap(socket: net.Socket, arrival: Arrival, group: TransportGroup): SocketTransport {
    return new SocketTransport(socket, arrival, group, false)
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

interface HandleOwner {
  _handle: Handle | null
}

type Handle = NonNullable<net.SocketConstructorOpts['handle']> & { reading: boolean; readStop(): void }

function takeOver(accepted: net.Socket): net.Socket {
  const owner = accepted as unknown as HandleOwner
  const handle = owner._handle
  owner._handle = null
  if (handle?.reading) {
    handle.reading = false
    handle.readStop()
  }
  return new net.Socket({
    handle: handle as Handle,
    onread: {
      buffer: readBuffer,
      callback(this: unknown, bytesRead: number): boolean {
        return (this as OwnedSocket).transport.onRead(readBuffer, bytesRead)
      },
    },
  })
}

/** A socket that knows its transport, so that its listeners are shared functions and not closures. */
type OwnedSocket = net.Socket & { transport: SocketTransport }

function onSocketData(this: net.Socket, bytes: Buffer): void {
  ;(this as OwnedSocket).transport.onRead(bytes, bytes.length)
}

function onSocketClose(this: net.Socket): void {
  ;(this as OwnedSocket).transport.onClosed()
}

/** A reset or a broken pipe: 'close' follows, and tells what there is to tell. */
function onSocketError(this: net.Socket): void {
  this.destroy()
}

function destroySocket(this: net.Socket): void {
  this.destroySoon()
}
