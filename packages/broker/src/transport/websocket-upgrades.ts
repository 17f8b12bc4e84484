/**
 * From an HTTP request to a WebSocket: which requests are let in, and within which bounds. Loaded by the first
 * connection, because the WebSocket library costs memory.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { WebSocketOptions } from './listener-options.ts'

/** A frame may carry several packets, and fragments of a message are put together: this bounds both. */
const messagePackets = 2
const fragmentsMax = 1_024

export type WebSocketOutcome =
  | { readonly kind: 'opened'; readonly client: WebSocket }
  | { readonly kind: 'refused'; readonly why: 'websocket-request' | 'websocket-origin' }

export interface WebSocketUpgradeOptions {
  readonly packetBytesMax: number
  readonly originAllowed: (origin: string, host: string) => boolean
}

export class WebSocketUpgrades {
  readonly #options: WebSocketUpgradeOptions
  readonly #sockets: WebSocketServer

  constructor(options: WebSocketUpgradeOptions) {
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
  }

  /** A refused request is answered. */
  take(
    rules: WebSocketOptions,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    done: (outcome: WebSocketOutcome) => void,
  ): void {
    const refusal = this.#refusalOf(rules, request)
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return done({ kind: 'refused', why: refusal.startsWith('403') ? 'websocket-origin' : 'websocket-request' })
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => done({ kind: 'opened', client }))
  }

  #refusalOf({ path, origins }: WebSocketOptions, { url = '/', headers }: IncomingMessage): string | undefined {
    if (path !== undefined && url.split('?', 1)[0] !== path) return '404 Not Found'
    const { origin, host = '' } = headers
    if (origin !== undefined && !this.#originAllowed(origins, origin, host)) return '403 Forbidden'
    // [MQTT-6.0.0-3]
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    return offered.includes('mqtt') || offered.includes('mqttv3.1') ? undefined : '400 Bad Request'
  }

  /** Browsers say where a page comes from; clients that are no browsers say nothing. */
  #originAllowed(origins: readonly string[] | undefined, origin: string, host: string): boolean {
    if (origins === undefined) return this.#options.originAllowed(origin, host)
    return origins.includes('*') || origins.includes(origin)
  }
}
