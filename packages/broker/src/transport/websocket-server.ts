/** MQTT over WebSocket: section 6 of both specifications. Loaded by the first connection: see `websocket-listener.ts`. */
import { createServer, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Accept, Transport, TransportHandler } from './transport.ts'
import type { WebSocketListenerOptions } from './websocket-listener.ts'

/** Takes TCP connections and speaks HTTP and WebSocket on them. */
export interface WebSocketDoor extends Disposable {
  take(socket: Socket): void
}

export function openWebSocketDoor(options: WebSocketListenerOptions, accept: Accept): WebSocketDoor {
  const server = createServer((_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' })
    response.end('MQTT over WebSocket is spoken here, with the subprotocol "mqtt".\n')
  })
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // A frame may carry several packets.
    maxPayload: options.packetBytesMax * 2,
    // [MQTT-6.0.0-3]
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') ? 'mqttv3.1' : false),
  })
  server.on('upgrade', (request, socket, head) => {
    const refusal = refusalOf(request, options)
    if (refusal !== undefined) return refuse(socket, refusal)
    sockets.handleUpgrade(request, socket, head, (client) => {
      const transport = new WebSocketTransport(client, request, options.name)
      transport.handler = accept(transport)
    })
  })
  return {
    take(socket) {
      server.emit('connection', socket)
      socket.resume()
    },
    [Symbol.dispose]() {
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      server.closeAllConnections()
    },
  }
}

function refusalOf(request: IncomingMessage, options: WebSocketListenerOptions): string | undefined {
  const { origin, host } = request.headers
  if (origin !== undefined && !options.originAllowed(origin, host ?? '')) return '403 Forbidden'
  // [MQTT-6.0.0-3]
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  return offered.includes('mqtt') || offered.includes('mqttv3.1') ? undefined : '400 Bad Request'
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

class WebSocketTransport implements Transport {
  readonly remoteAddress: string
  readonly listener: string
  readonly certificate = undefined
  handler: TransportHandler | undefined
  readonly #client: WebSocket

  constructor(client: WebSocket, request: IncomingMessage, listener: string) {
    this.#client = client
    this.listener = listener
    this.remoteAddress = `${request.socket.remoteAddress ?? 'unknown'}:${request.socket.remotePort ?? 0}`
    client.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    client.on('close', () => {
      this.handler?.closed()
      this.handler = undefined
    })
    client.on('error', () => client.terminate())
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    // [MQTT-6.0.0-1]
    if (!isBinary || !Buffer.isBuffer(data)) return this.#client.close(1003)
    this.handler?.bytes(data, 0, data.length)
  }

  write(bytes: Buffer, written: () => void): void {
    this.#client.send(bytes, { binary: true }, written)
  }

  pause(): void {
    this.#client.pause()
  }

  resume(): void {
    this.#client.resume()
  }

  end(): void {
    this.#client.close(1000)
  }

  destroy(): void {
    this.#client.terminate()
  }
}
