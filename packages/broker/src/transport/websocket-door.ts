/**
 * MQTT over WebSocket on a listener of our own: section 6 of both specifications. Speaks HTTP until the upgrade. Loaded
 * by the first connection, because HTTP costs more memory than the whole broker.
 */
import type { Socket } from 'node:net'
import type { WebSocketOptions } from './listener-options.ts'
import { type WebSocketOutcome, type WebSocketUpgradeOptions, WebSocketUpgrades } from './websocket-upgrades.ts'

const headerBytesMax = 8_192
// An `import` would bring its whole HTTP and WebSocket client along, 13 MB.
const { createServer } = process.getBuiltinModule('node:http')

export class WebSocketDoor {
  /** In force for the requests to come. */
  rules: WebSocketOptions
  readonly #http = createServer({ maxHeaderSize: headerBytesMax })
  readonly #waiting = new WeakMap<object, (outcome: WebSocketOutcome) => void>()

  constructor(rules: WebSocketOptions, options: WebSocketUpgradeOptions) {
    this.rules = rules
    const upgrades = new WebSocketUpgrades(options)
    this.#http.on('request', (request, response) => {
      response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket', connection: 'close' })
      response.end('MQTT over WebSocket is spoken here, with the subprotocol "mqtt".\n')
      this.#settle(request.socket, { kind: 'refused', why: 'websocket-request' })
    })
    this.#http.on('clientError', (_error, socket) => {
      this.#settle(socket, { kind: 'refused', why: 'websocket-request' })
      socket.destroy()
    })
    this.#http.on('upgrade', (request, socket, head) =>
      upgrades.take(this.rules, request, socket, head, (outcome) => this.#settle(socket, outcome)),
    )
  }

  /** Speaks HTTP on a connection until it is upgraded. */
  take(socket: Socket, done: (outcome: WebSocketOutcome) => void): void {
    this.#waiting.set(socket, done)
    this.#http.emit('connection', socket)
    socket.resume()
  }

  #settle(socket: object, outcome: WebSocketOutcome): void {
    const done = this.#waiting.get(socket)
    this.#waiting.delete(socket)
    done?.(outcome)
  }
}
