/** MQTT right on a socket. [MQTT-4.2.0-1] v3.1.1 [MQTT-7.1.1-1] */
import type net from 'node:net'
import type { ClientCertificate } from '../access.ts'
import { type Arrival, addressOf } from './arrivals.ts'
import type { ListenerRules } from './listener-options.ts'
import { type Handle, ownSocket, type SocketOwner } from './owned-socket.ts'
import type { Transport, TransportHandler, Writer } from './transport.ts'

/** What the transports of one listener share. */
export interface TransportGroup {
  readonly name: string
  readonly rules: ListenerRules
  readonly open: Set<Transport>
}

/** What is known of a client that has come in. Without an address it has that of its socket. */
type Arrived = Pick<Arrival, 'certificate' | 'crowded' | 'acceptedAtMs'> & Partial<Pick<Arrival, 'remoteAddress'>>

const nothing = Buffer.alloc(0)

export class SocketTransport implements Transport, SocketOwner {
  readonly remoteAddress: string
  readonly listener: string
  readonly rules: ListenerRules
  readonly certificate: ClientCertificate | undefined
  readonly crowded: boolean
  readonly acceptedAtMs: number
  handler: TransportHandler | undefined
  readonly #socket: net.Socket
  readonly #open: Set<Transport>
  /** Else it encrypts, and has nothing out at once. */
  readonly #isPlain: boolean
  #paused = false
  #ending = false

  private constructor(from: net.Socket | Handle, arrival: Arrived, group: TransportGroup, isPlain: boolean) {
    this.#open = group.open
    this.#isPlain = isPlain
    this.listener = group.name
    this.rules = group.rules
    this.certificate = arrival.certificate
    this.crowded = arrival.crowded
    this.acceptedAtMs = arrival.acceptedAtMs
    group.open.add(this)
    this.#socket = ownSocket(from, this, isPlain)
    this.remoteAddress = arrival.remoteAddress ?? addressOf(this.#socket)
  }

  /** On what a server has accepted just now. */
  static take(handle: Handle, arrival: Arrived, group: TransportGroup): SocketTransport {
    return new SocketTransport(handle, arrival, group, true)
  }

  /** On a socket read up to the end of a PROXY header. */
  static adopt(arrival: Arrival, group: TransportGroup): SocketTransport {
    return new SocketTransport(arrival.socket, arrival, group, true)
  }

  /** On a socket that decrypts, or that a server of somebody else still counts. */
  static wrap(socket: net.Socket, arrival: Arrival, group: TransportGroup): SocketTransport {
    return new SocketTransport(socket, arrival, group, false)
  }

  onRead(buffer: Buffer, bytesRead: number): boolean {
    if (!this.#ending) this.handler?.bytes(buffer, 0, bytesRead)
    return !this.#paused
  }

  onClosed(): void {
    this.#open.delete(this)
    this.handler?.closed()
    this.handler?.gone()
    this.handler = undefined
  }

  /**
   * Lever: what the kernel takes at once needs no callback, for which Node would keep an object and a tick. Measure with
   * the `bench/` rows of one message per packet. Where it does not, an empty write behind it tells when it is out.
   */
  write(bytes: Buffer, writer: Writer): boolean {
    const socket = this.#socket
    if (!this.#isPlain) {
      socket.write(bytes, () => writer.written())
      return false
    }
    socket.write(bytes)
    if (socket.writableLength === 0) return true
    socket.write(nothing, () => writer.written())
    return false
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

  /**
   * The peer is read to its end, by nobody: closing over unread bytes would reset the connection, and what was sent last
   * would be lost. Who never closes its side is destroyed by the broker's tick. Of one that sends nothing more nothing
   * is unread, and what the kernel has it still sends.
   */
  end(peerIsDone: boolean): void {
    if (this.#ending) return
    this.#ending = true
    if (peerIsDone && this.#isPlain && this.#socket.writableLength === 0) return this.destroy()
    this.resume()
    this.#socket.end()
    this.handler?.closed()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
