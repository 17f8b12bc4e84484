/** MQTT in WebSocket frames. A frame may hold part of a packet, or several. [MQTT-6.0.0-2] v3.1.1 [MQTT-6.0.0-2] */
import type { Socket } from 'node:net'
import type { ClientCertificate } from '../access.ts'
import type { Arrival } from './arrivals.ts'
import type { ListenerRules } from './listener-options.ts'
import { ownSocket, type SocketOwner } from './owned-socket.ts'
import type { TransportGroup } from './socket-transport.ts'
import type { Transport, TransportHandler, Writer } from './transport.ts'
import { binaryHeader, closeCode, closeFrame, FrameReader, type FrameSink, pongFrame } from './websocket-frames.ts'

/** A client that pings and reads nothing gets no answer past this. */
const unsentBytesMax = 65_536

/** What an upgrade has come to. */
export interface OpenedWebSocket {
  readonly socket: Socket
  /** What the client has sent behind its request already. */
  readonly begun: Buffer
  readonly messageBytesMax: number
}

export class WebSocketTransport implements Transport, FrameSink, SocketOwner {
  readonly remoteAddress: string
  readonly listener: string
  readonly rules: ListenerRules
  readonly certificate: ClientCertificate | undefined
  readonly crowded: boolean
  readonly acceptedAtMs: number
  handler: TransportHandler | undefined
  readonly #socket: Socket
  readonly #frames: FrameReader
  readonly #open: Set<Transport>
  #paused = false
  #closing = false

  constructor({ socket, messageBytesMax }: OpenedWebSocket, arrival: Arrival, group: TransportGroup, adopt: boolean) {
    this.#frames = new FrameReader(messageBytesMax)
    this.#open = group.open
    this.listener = group.name
    this.rules = group.rules
    this.remoteAddress = arrival.remoteAddress
    this.certificate = arrival.certificate
    this.crowded = arrival.crowded
    this.acceptedAtMs = arrival.acceptedAtMs
    group.open.add(this)
    this.#socket = ownSocket(socket, this, adopt)
  }

  onRead(buffer: Buffer, bytesRead: number): boolean {
    if (this.#closing) return true
    const fault = this.#frames.feed(buffer, 0, bytesRead, this)
    if (fault !== undefined) this.#close(fault)
    return !this.#paused
  }

  onClosed(): void {
    this.#open.delete(this)
    this.handler?.closed()
    this.handler?.gone()
    this.handler = undefined
  }

  data(buffer: Buffer, start: number, end: number): void {
    if (!this.#closing) this.handler?.bytes(buffer, start, end)
  }

  ping(payload: Buffer): void {
    if (!this.#closing && this.#socket.writableLength < unsentBytesMax) this.#socket.write(pongFrame(payload))
  }

  close(): void {
    this.#close(closeCode.normal)
  }

  write(bytes: Buffer, writer: Writer): boolean {
    const socket = this.#socket
    socket.cork()
    socket.write(binaryHeader(bytes.length))
    socket.write(bytes, () => writer.written())
    socket.uncork()
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

  end(): void {
    this.#close(closeCode.normal)
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /**
   * Says goodbye, once. The peer's own is not waited for, but read to the end: closing over unread bytes would reset the
   * connection, and what was sent last would be lost.
   */
  #close(code: number): void {
    if (this.#closing) return
    this.#closing = true
    this.resume()
    this.#socket.end(closeFrame(code))
    this.handler?.closed()
  }
}
