/**
 * From an HTTP request to a WebSocket, RFC 6455 section 4.2: which requests are let in. Loaded by the first connection,
 * because cryptography costs memory. No extension is offered, so that nothing is compressed.
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocketOptions } from './listener-options.ts'
import type { OpenedWebSocket } from './websocket-transport.ts'

/** A message may carry several packets. */
const messagePackets = 2
const accepted = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export type WebSocketOutcome =
  | ({ readonly kind: 'opened' } & OpenedWebSocket)
  | { readonly kind: 'refused'; readonly why: 'websocket-request' | 'websocket-origin' }

export interface WebSocketUpgradeOptions {
  readonly packetBytesMax: number
  readonly originAllowed: (origin: string, host: string) => boolean
}

export class WebSocketUpgrades {
  readonly #options: WebSocketUpgradeOptions

  constructor(options: WebSocketUpgradeOptions) {
    this.#options = options
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
    socket.write(answerTo(request))
    const messageBytesMax = this.#options.packetBytesMax * messagePackets
    done({ kind: 'opened', socket: socket as Socket, begun: head, messageBytesMax })
  }

  #refusalOf({ path, origins }: WebSocketOptions, { method, url = '/', headers }: IncomingMessage): string | undefined {
    if (method !== 'GET') return '405 Method Not Allowed'
    if (path !== undefined && url.split('?', 1)[0] !== path) return '404 Not Found'
    if (headers.upgrade?.toLowerCase() !== 'websocket' || !isKey(headers['sec-websocket-key'])) return '400 Bad Request'
    if (headers['sec-websocket-version'] !== '13') return '426 Upgrade Required'
    const { origin, host = '' } = headers
    if (origin !== undefined && !this.#originAllowed(origins, origin, host)) return '403 Forbidden'
    // [MQTT-6.0.0-3]
    return subprotocolOf(headers) === undefined ? '400 Bad Request' : undefined
  }

  /** Browsers say where a page comes from; clients that are no browsers say nothing. */
  #originAllowed(origins: readonly string[] | undefined, origin: string, host: string): boolean {
    if (origins === undefined) return this.#options.originAllowed(origin, host)
    return origins.includes('*') || origins.includes(origin)
  }
}

const isKey = (key: string | undefined): boolean => /^[A-Za-z0-9+/]{22}==$/.test(key ?? '')

/** The second name is that of clients from before 3.1.1. */
function subprotocolOf(headers: IncomingMessage['headers']): string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  return ['mqtt', 'mqttv3.1'].find((name) => offered.includes(name))
}

function answerTo({ headers }: IncomingMessage): string {
  const key = `${headers['sec-websocket-key']}${accepted}`
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}`,
    // [MQTT-6.0.0-4] v3.1.1 [MQTT-6.0.0-4]
    `Sec-WebSocket-Protocol: ${subprotocolOf(headers)}`,
    '\r\n',
  ].join('\r\n')
}
