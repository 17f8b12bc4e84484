/**
 * A TCP proxy that reads along in both directions with an independent codec (`mqtt-packet`), and counts how many QoS 1
 * and 2 messages the broker has sent to the client and not been answered for.
 */
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import mqtt, { type Packet } from 'mqtt-packet'

export class ReceiveWindow implements AsyncDisposable {
  /** Receive Maximum of the client's CONNECT. */
  declared: number | undefined
  inflightMax = 0
  readonly #inflight = new Set<number>()
  readonly #server: net.Server
  readonly #sockets = new Set<net.Socket>()

  private constructor(brokerPort: number) {
    this.#server = net.createServer((client) => this.#relay(client, net.connect(brokerPort, '127.0.0.1')))
  }

  static async before(brokerPort: number): Promise<ReceiveWindow> {
    const window = new ReceiveWindow(brokerPort)
    window.#server.listen(0, '127.0.0.1')
    await once(window.#server, 'listening')
    return window
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #relay(client: net.Socket, broker: net.Socket): void {
    const fromClient = mqtt.parser({ protocolVersion: 5 }).on('packet', (packet: Packet) => this.#answered(packet))
    const fromBroker = mqtt.parser({ protocolVersion: 5 }).on('packet', (packet: Packet) => this.#sent(packet))
    for (const [from, to, parser] of [
      [client, broker, fromClient],
      [broker, client, fromBroker],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      from.on('data', (bytes) => {
        // Counted before it is passed on: an answer cannot overtake its message.
        parser.parse(bytes)
        to.write(bytes)
      })
    }
  }

  #sent(packet: Packet): void {
    if (packet.cmd !== 'publish' || packet.qos === 0) return
    this.#inflight.add(packet.messageId ?? 0)
    this.inflightMax = Math.max(this.inflightMax, this.#inflight.size)
  }

  #answered(packet: Packet): void {
    switch (packet.cmd) {
      case 'connect':
        this.declared = packet.properties?.receiveMaximum
        return
      case 'puback':
      case 'pubcomp':
        this.#inflight.delete(packet.messageId ?? 0)
    }
  }
}
