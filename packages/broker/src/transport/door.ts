/**
 * One listener: accepts connections, leads them through PROXY header, TLS and HTTP as far as it has them, and hands
 * over what speaks MQTT.
 */
import net, { type Socket } from 'node:net'
import type { Clock } from '@hawser/std'
import type { Limits } from '../limits/limits.ts'
import { type Arrival, Arrivals, addressOf } from './arrivals.ts'
import { bind } from './bind.ts'
import type { DoorRefusal } from './door-refusals.ts'
import type { ListenerOptions, ListenerRules, WebSocketOptions } from './listener-options.ts'
import { type Handle, takeAccepted } from './owned-socket.ts'
import { ProxySources, takeProxyHeader } from './proxy-sources.ts'
import { SocketTransport, type TransportGroup } from './socket-transport.ts'
import type { TlsDoor } from './tls-door.ts'
import type { Accept, Listener, Transport, TransportHandler } from './transport.ts'
import type { WebSocketDoor } from './websocket-door.ts'

export interface DoorParts {
  readonly clock: Clock
  readonly accept: Accept
  /** Whether the broker takes one more, when so many may be open. */
  readonly admits: (more: number) => boolean
  readonly refused: (why: DoorRefusal) => void
  readonly limits: Limits
  /** Other processes listen at the same ports. */
  readonly sharedPorts: boolean
  /** Where a listener names no origins. */
  readonly originAllowed: (origin: string, host: string) => boolean
}

export class Door implements Listener, TransportGroup {
  readonly name: string
  readonly protocol: ListenerOptions['protocol']
  readonly host: string
  readonly socketPath: string | undefined
  readonly open = new Set<Transport>()
  readonly #parts: DoorParts
  readonly #arrivals = new Arrivals()
  #servers: readonly net.Server[] = []
  #options: ListenerOptions
  #port = 0
  #tls: TlsDoor | undefined
  #proxies: ProxySources | undefined
  #webSocket: Promise<WebSocketDoor> | undefined

  private constructor(options: ListenerOptions, parts: DoorParts) {
    this.#options = options
    this.#parts = parts
    this.name = options.name
    this.protocol = options.protocol
    this.host = 'host' in options ? options.host : ''
    this.socketPath = 'socketPath' in options ? options.socketPath : undefined
  }

  static async open(options: ListenerOptions, parts: DoorParts): Promise<Door> {
    const door = new Door(options, parts)
    await door.prepare(options).then((apply) => apply())
    const newServer = (): net.Server =>
      net.createServer({ pauseOnConnect: true, noDelay: true }, (socket) => door.#take(socket))
    const { servers, port } = await bind(newServer, options, parts.sharedPorts)
    if (door.protocol === 'mqtt') for (const server of servers) takeAccepted(server, (handle) => door.#takeBare(handle))
    door.#servers = servers
    door.#port = port
    return door
  }

  get port(): number {
    return this.#port
  }

  get rules(): ListenerRules {
    return this.#options
  }

  get connections(): number {
    return this.open.size + this.#arrivals.size
  }

  get certificateEndsAtMs(): number | undefined {
    return this.#tls?.endsAtMs
  }

  /**
   * Makes all that new options need, and answers how to put them in force for the clients to come. Throws where they
   * are bad: then nothing has changed.
   */
  async prepare(options: ListenerOptions): Promise<() => void> {
    const { name, proxyProtocol } = options
    const proxies = proxyProtocol && new ProxySources(name, proxyProtocol.trusted)
    const tlsDoor = 'tls' in options ? new (await import('./tls-door.ts')).TlsDoor(name, options.tls) : undefined
    return () => {
      this.#options = options
      this.#proxies = proxies
      this.#tls = tlsDoor
      void this.#webSocket?.then((door) => {
        door.rules = webSocketRules(options)
      })
    }
  }

  /** Ends those that were accepted before `beforeMs` and have not come to MQTT. */
  endArrivalsBefore(beforeMs: number): void {
    for (const arrival of this.#arrivals.takeOlder(beforeMs)) {
      this.#count(arrival, 'too-slow')
      arrival.socket.destroy()
    }
  }

  /** Takes nobody more; who is there stays. */
  shut(): void {
    // Sockets that were taken over are not the server's any more, so its close is not waited for.
    for (const server of this.#servers) server.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.shut()
    for (const arrival of this.#arrivals.takeAll()) arrival.socket.destroy()
    for (const transport of this.open) transport.destroy()
  }

  /** Where nothing stands before MQTT. Whoever is refused can be told why there; a handshake is not worth it. */
  #takeBare(handle: Handle): boolean {
    if (this.#proxies !== undefined) return false
    const crowded = !this.#admits(0)
    if (!crowded || this.#admits(toldMax)) {
      const acceptedAtMs = this.#parts.clock.monotonicMs()
      this.#hear(SocketTransport.take(handle, { acceptedAtMs, crowded, certificate: undefined }, this))
    } else {
      this.#parts.refused('connections-limit')
      handle.close()
    }
    return true
  }

  #take(socket: Socket): void {
    if (!this.#admits(0)) {
      this.#parts.refused('connections-limit')
      socket.destroy()
      return
    }
    const arrival: Arrival = {
      socket,
      acceptedAtMs: this.#parts.clock.monotonicMs(),
      crowded: false,
      remoteAddress: addressOf(socket),
      healthCheck: false,
      settled: false,
      certificate: undefined,
    }
    this.#arrivals.add(arrival)
    socket.on('error', destroy)
    socket.once('close', () => this.#arrivals.delete(arrival))
    if (this.#proxies === undefined) this.#secure(arrival)
    else this.#passProxy(arrival, this.#proxies)
  }

  #admits(more: number): boolean {
    const { connectionsMax = Number.POSITIVE_INFINITY } = this.#options
    return this.connections < connectionsMax + more && this.#parts.admits(more)
  }

  #passProxy(arrival: Arrival, proxies: ProxySources): void {
    const { socket } = arrival
    const required = this.#options.proxyProtocol?.required ?? true
    if (!proxies.trusts(socket)) return required ? this.#refuse(arrival, 'proxy-header') : this.#secure(arrival)
    takeProxyHeader(socket, (outcome, rest) => {
      if (outcome.kind === 'fault' || (outcome.kind === 'absent' && required)) {
        return this.#refuse(arrival, 'proxy-header')
      }
      if (outcome.kind === 'header') {
        if (outcome.header.kind === 'proxied') arrival.remoteAddress = outcome.header.remoteAddress
        else arrival.healthCheck = rest.length === 0
      }
      if (this.protocol === 'mqtt') return this.#speak(arrival, rest)
      if (rest.length > 0) socket.unshift(rest)
      this.#secure(arrival)
    })
  }

  #secure(arrival: Arrival): void {
    if (this.#tls === undefined) return this.#upgrade(arrival, arrival.socket)
    this.#tls.take(arrival.socket, (outcome) => {
      if (outcome.kind === 'refused') return this.#refuse(arrival, outcome.why)
      arrival.certificate = outcome.certificate
      outcome.socket.on('error', destroy)
      this.#upgrade(arrival, outcome.socket)
    })
  }

  #upgrade(arrival: Arrival, socket: Socket): void {
    if (this.protocol === 'mqtt') return this.#speak(arrival)
    if (this.protocol === 'mqtts') {
      this.#enter(arrival, (group) => SocketTransport.wrap(socket, arrival, group))
      return
    }
    this.#openWebSocket(arrival, socket).catch(() => this.#refuse(arrival, 'websocket-request'))
  }

  async #openWebSocket(arrival: Arrival, socket: Socket): Promise<void> {
    const { WebSocketTransport } = await import('./websocket-transport.ts')
    this.#webSocket ??= this.#webSocketDoor()
    const door = await this.#webSocket
    if (socket.destroyed) return
    door.take(socket, (outcome) => {
      if (outcome.kind === 'refused') return this.#refuse(arrival, outcome.why, socket)
      const transport = this.#enter(arrival, (group) => {
        return new WebSocketTransport(outcome, arrival, group, this.protocol === 'ws')
      })
      if (outcome.begun.length > 0) transport.onRead(outcome.begun, outcome.begun.length)
    })
  }

  async #webSocketDoor(): Promise<WebSocketDoor> {
    const { originAllowed } = this.#parts
    const packetBytesMax = this.#options.packetBytesMax ?? this.#parts.limits.packetBytesMax
    const { WebSocketDoor } = await import('./websocket-door.ts')
    return new WebSocketDoor(webSocketRules(this.#options), { packetBytesMax, originAllowed })
  }

  #speak(arrival: Arrival, begun?: Buffer): void {
    const transport = this.#enter(arrival, (group) => SocketTransport.adopt(arrival, group))
    if (begun !== undefined && begun.length > 0) transport.onRead(begun, begun.length)
  }

  #enter<Speaking extends Transport & { handler: TransportHandler | undefined }>(
    arrival: Arrival,
    speak: (group: TransportGroup) => Speaking,
  ): Speaking {
    this.#arrivals.delete(arrival)
    return this.#hear(speak(this))
  }

  #hear<Speaking extends Transport & { handler: TransportHandler | undefined }>(transport: Speaking): Speaking {
    transport.handler = this.#parts.accept(transport)
    return transport
  }

  /** What the socket was given to say still goes out. */
  #refuse(arrival: Arrival, why: DoorRefusal, socket = arrival.socket): void {
    this.#count(arrival, why)
    socket.destroySoon()
  }

  /** Once: one ending shows on several layers. */
  #count(arrival: Arrival, why: DoorRefusal): void {
    if (arrival.settled || arrival.healthCheck) return
    arrival.settled = true
    this.#parts.refused(why)
  }
}

/** Clients past a limit that are let in so far as to be told by CONNACK. */
const toldMax = 256

function webSocketRules(options: ListenerOptions): WebSocketOptions {
  return 'websocket' in options ? (options.websocket ?? {}) : {}
}

/** What goes wrong on a socket ends it, and 'close' tells what there is to tell. */
function destroy(this: Socket): void {
  this.destroy()
}
