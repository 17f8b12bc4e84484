/**
 * MQTT over WebSocket: section 6 of both specifications. Loaded by the first connection, because HTTP and the WebSocket
 * library cost more memory than the whole broker.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { WebSocketOptions } from './listener-options.ts'

/** A frame may carry several packets, and fragments of a message are put together: this bounds both. */
const messagePackets = 2
const fragmentsMax = 1_024
const headerBytesMax = 8_192

export type WebSocketOutcome =
  | { readonly kind: 'opened'; readonly client: WebSocket }
  | { readonly kind: 'refused'; readonly why: 'websocket-request' | 'websocket-origin' }

export interface WebSocketDoorOptions {
  readonly packetBytesMax: number
  readonly originAllowed: (origin: string, host: string) => boolean
}

export class WebSocketDoor {
  /** In force for the requests to come. */
  rules: WebSocketOptions
  readonly #options: WebSocketDoorOptions
  readonly #http = createServer({ maxHeaderSize: headerBytesMax })
  readonly #sockets: WebSocketServer
  readonly #waiting = new WeakMap<object, (outcome: WebSocketOutcome) => void>()

  constructor(rules: WebSocketOptions, options: WebSocketDoorOptions) {
    this.rules = rules
    this.#options = options
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.packetBytesMax * messagePackets,
      maxFragments: fragmentsMax,
      // [MQTT-6.0.0-4] v3.1.1 [MQTT-6.0.0-4]
      handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') ? 'mqttv3.1' : false),
    })
    this.#http.on('request', (request, response) => {
      response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket', connection: 'close' })
      response.end('MQTT over WebSocket is spoken here, with the subprotocol "mqtt".\n')
      this.#settle(request.socket, { kind: 'refused', why: 'websocket-request' })
    })
    this.#http.on('clientError', (_error, socket) => {
      this.#settle(socket, { kind: 'refused', why: 'websocket-request' })
      socket.destroy()
    })
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Speaks HTTP on a connection until it is upgraded. */
  take(socket: Socket, done: (outcome: WebSocketOutcome) => void): void {
    this.#waiting.set(socket, done)
    this.#http.emit('connection', socket)
    socket.resume()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusalOf(request)
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      const why = refusal.startsWith('403') ? 'websocket-origin' : 'websocket-request'
      return this.#settle(socket, { kind: 'refused', why })
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => this.#settle(socket, { kind: 'opened', client }))
  }

  #refusalOf({ url = '/', headers }: IncomingMessage): string | undefined {
    const { path } = this.rules
    if (path !== undefined && url.split('?', 1)[0] !== path) return '404 Not Found'
    if (headers.origin !== undefined && !this.#originAllowed(headers.origin, headers.host ?? '')) return '403 Forbidden'
    // [MQTT-6.0.0-3]
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    return offered.includes('mqtt') || offered.includes('mqttv3.1') ? undefined : '400 Bad Request'
  }

  /** Browsers say where a page comes from; clients that are no browsers say nothing. */
  #originAllowed(origin: string, host: string): boolean {
    const { origins } = this.rules
    if (origins === undefined) return this.#options.originAllowed(origin, host)
    return origins.includes('*') || origins.includes(origin)
  }

  #settle(socket: object, outcome: WebSocketOutcome): void {
    const done = this.#waiting.get(socket)
    this.#waiting.delete(socket)
    done?.(outcome)
  }
}
