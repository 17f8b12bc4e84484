/**
 * A door on a server of the embedding program: MQTT on every connection of its TCP or TLS server, or on the WebSocket
 * upgrades of one path of its HTTP server. The server stays the program's; what it does besides goes on.
 */
import type { IncomingMessage } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { type Arrival, addressOf } from './arrivals.ts'
import { clientCertificate } from './client-certificate.ts'
import type { DoorParts } from './door.ts'
import type { ListenerRules } from './listener-options.ts'
import { SocketTransport, type TransportGroup } from './socket-transport.ts'
import type { Transport, TransportHandler } from './transport.ts'
import type { WebSocketUpgrades } from './websocket-upgrades.ts'

export interface AttachOptions extends ListenerRules {
  /** Names the listener in rules, metrics and events. */
  readonly name: string
  /** Of an HTTP server: the path whose upgrades are MQTT; the others are left alone. Default: `/mqtt`. */
  readonly path?: string
  /** Of an HTTP server: origins of pages that may connect. Default: pages that this host served itself. */
  readonly origins?: readonly string[]
}

const pathDefault = '/mqtt'

// These modules cost memory, and who attaches nothing does without; who does has loaded them already.
const isHttp = (server: Server): boolean =>
  server instanceof process.getBuiltinModule('node:http').Server ||
  server instanceof process.getBuiltinModule('node:https').Server
const isTls = (server: Server): boolean => server instanceof process.getBuiltinModule('node:tls').Server
const isEncrypted = (socket: Socket): socket is TLSSocket => 'encrypted' in socket

export class AttachedDoor implements TransportGroup, Disposable {
  readonly name: string
  readonly rules: ListenerRules
  readonly open = new Set<Transport>()
  readonly #options: AttachOptions
  readonly #parts: DoorParts
  readonly #stop: () => void
  #upgrades: WebSocketUpgrades | undefined

  constructor(server: Server, options: AttachOptions, parts: DoorParts) {
    this.name = options.name
    this.rules = options
    this.#options = options
    this.#parts = parts
    this.#stop = isHttp(server) ? this.#onUpgrades(server) : this.#onConnections(server)
  }

  /** The server takes no more MQTT, and its clients of this broker end. */
  [Symbol.dispose](): void {
    this.#stop()
    for (const transport of this.open) transport.destroy()
  }

  #onConnections(server: Server): () => void {
    const event = isTls(server) ? 'secureConnection' : 'connection'
    const take = (socket: Socket): void => {
      if (!this.#admits()) return void socket.destroy()
      this.#enter(SocketTransport.wrap(socket, this.#arrivalOf(socket), this))
    }
    server.on(event, take)
    return () => server.off(event, take)
  }

  #onUpgrades(server: Server): () => void {
    const { path = pathDefault } = this.#options
    const take = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      if (request.url?.split('?', 1)[0] !== path) return
      if (!this.#admits()) return void socket.destroy()
      this.#upgrade(request, socket, head).catch(() => socket.destroy())
    }
    server.on('upgrade', take)
    return () => server.off('upgrade', take)
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { WebSocketTransport } = await import('./websocket-transport.ts')
    this.#upgrades ??= await this.#newUpgrades()
    const { path = pathDefault, origins } = this.#options
    this.#upgrades.take({ path, ...(origins && { origins }) }, request, socket, head, (outcome) => {
      if (outcome.kind === 'refused') return this.#parts.refused(outcome.why)
      const transport = new WebSocketTransport(outcome, this.#arrivalOf(request.socket), this, false)
      this.#enter(transport)
      if (outcome.begun.length > 0) transport.onRead(outcome.begun, outcome.begun.length)
    })
  }

  async #newUpgrades(): Promise<WebSocketUpgrades> {
    const { WebSocketUpgrades } = await import('./websocket-upgrades.ts')
    const { packetBytesMax = this.#parts.limits.packetBytesMax } = this.#options
    return new WebSocketUpgrades({ packetBytesMax, originAllowed: this.#parts.originAllowed })
  }

  #admits(): boolean {
    const { connectionsMax = Number.POSITIVE_INFINITY } = this.#options
    if (this.open.size < connectionsMax && this.#parts.admits(0)) return true
    this.#parts.refused('connections-limit')
    return false
  }

  #arrivalOf(socket: Socket): Arrival {
    return {
      socket,
      acceptedAtMs: this.#parts.clock.monotonicMs(),
      crowded: false,
      remoteAddress: addressOf(socket),
      healthCheck: false,
      settled: false,
      certificate: isEncrypted(socket) && socket.authorized ? clientCertificate(socket) : undefined,
    }
  }

  #enter(transport: Transport & { handler: TransportHandler | undefined }): void {
    transport.handler = this.#parts.accept(transport)
  }
}
