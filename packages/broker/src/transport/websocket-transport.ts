/** MQTT in WebSocket frames. A frame may hold part of a packet, or several. [MQTT-6.0.0-2] v3.1.1 [MQTT-6.0.0-2] */
import type { RawData, WebSocket } from 'ws'
import type { ClientCertificate } from '../access.ts'
import type { Arrival } from './arrivals.ts'
import type { ListenerRules } from './listener-options.ts'
import type { TransportGroup } from './socket-transport.ts'
import type { Transport, TransportHandler } from './transport.ts'

export class WebSocketTransport implements Transport {
  readonly remoteAddress: string
  readonly listener: string
  readonly rules: ListenerRules
  readonly certificate: ClientCertificate | undefined
  readonly crowded: boolean
  readonly acceptedAtMs: number
  handler: TransportHandler | undefined
  readonly #client: WebSocket
  readonly #open: Set<Transport>

  constructor(client: WebSocket, arrival: Arrival, group: TransportGroup) {
    this.#client = client
    this.#open = group.open
    this.listener = group.name
    this.rules = group.rules
    this.remoteAddress = arrival.remoteAddress
    this.certificate = arrival.certificate
    this.crowded = arrival.crowded
    this.acceptedAtMs = arrival.acceptedAtMs
    group.open.add(this)
    ;(client as OwnedClient).transport = this
    client.on('message', onMessage)
    client.on('close', onClose)
    client.on('error', onError)
  }

  onMessage(data: RawData, isBinary: boolean): void {
    // [MQTT-6.0.0-1] v3.1.1 [MQTT-6.0.0-1]
    if (!isBinary || !Buffer.isBuffer(data)) return this.#client.close(1003)
    this.handler?.bytes(data, 0, data.length)
  }

  onClosed(): void {
    this.#open.delete(this)
    this.handler?.closed()
    this.handler = undefined
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

/** A client that knows its transport, so that its listeners are shared functions and not closures. */
type OwnedClient = WebSocket & { transport: WebSocketTransport }

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  ;(this as OwnedClient).transport.onMessage(data, isBinary)
}

function onClose(this: WebSocket): void {
  ;(this as OwnedClient).transport.onClosed()
}

function onError(this: WebSocket): void {
  this.terminate()
}
