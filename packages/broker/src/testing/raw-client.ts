/** A client that does only what it is told, over a real socket, with an independent codec (`mqtt-packet`). */
import { once } from 'node:events'
import net from 'node:net'
import mqtt, { type Packet, type Parser } from 'mqtt-packet'

export interface RawConnectOptions {
  readonly version?: 3 | 4 | 5
  readonly clientId?: string
  readonly clean?: boolean
  readonly keepalive?: number
  readonly properties?: Record<string, unknown>
  readonly will?: Record<string, unknown>
  readonly username?: string
  readonly password?: string
}

export type AnyPacket = Packet & Record<string, unknown>

/** Resolved in place of a packet when the server closes. */
export const closed: unique symbol = Symbol('closed')

export class RawClient implements AsyncDisposable {
  readonly socket: net.Socket
  readonly version: 3 | 4 | 5
  connack: AnyPacket | undefined
  readonly #parser: Parser
  readonly #received: (AnyPacket | typeof closed)[] = []
  readonly #waiting: ((packet: AnyPacket | typeof closed) => void)[] = []

  /** `where`: a port of this machine, or the path of a Unix socket. */
  constructor(where: number | string, version: 3 | 4 | 5) {
    this.version = version
    this.#parser = mqtt.parser({ protocolVersion: version })
    this.#parser.on('packet', (packet: Packet) => this.#take(packet as AnyPacket))
    this.socket =
      typeof where === 'string'
        ? net.connect({ path: where })
        : net.connect({ port: where, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (bytes) => this.#parser.parse(bytes))
    this.socket.on('close', () => this.#take(closed))
    this.socket.on('error', () => undefined)
  }

  static async open(where: number | string, version: 3 | 4 | 5 = 5): Promise<RawClient> {
    const client = new RawClient(where, version)
    await once(client.socket, 'connect')
    return client
  }

  static async connect(where: number | string, options: RawConnectOptions = {}): Promise<RawClient> {
    const { version = 5, clientId = '', clean = true, keepalive = 0, properties, will, username, password } = options
    const client = await RawClient.open(where, version)
    client.send({
      cmd: 'connect',
      protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
      protocolVersion: version,
      clientId,
      clean,
      keepalive,
      ...(version === 5 && { properties: properties ?? {} }),
      ...(will && { will }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password: Buffer.from(password) }),
    })
    const connack = await client.receive()
    if (typeof connack === 'symbol') throw new Error('closed without CONNACK')
    client.connack = connack
    return client
  }

  send(packet: Record<string, unknown>): void {
    this.socket.write(mqtt.generate(packet as unknown as Packet, { protocolVersion: this.version }))
  }

  /** The next packet, in order; never skips one. */
  next(): Promise<AnyPacket | typeof closed> {
    const packet = this.#received.shift()
    return packet === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(packet)
  }

  async receive(cmd?: string): Promise<AnyPacket> {
    const packet = await this.next()
    if (typeof packet === 'symbol') throw new Error(`closed while waiting for ${cmd ?? 'a packet'}`)
    if (cmd !== undefined && packet.cmd !== cmd) throw new Error(`${packet.cmd} instead of ${cmd}`)
    return packet
  }

  /** What came up to the answer to a PINGREQ: after it, nothing sent before is still on its way. */
  async untilPong(): Promise<AnyPacket[]> {
    this.send({ cmd: 'pingreq' })
    const packets: AnyPacket[] = []
    for (;;) {
      const packet = await this.receive()
      if (packet.cmd === 'pingresp') return packets
      packets.push(packet)
    }
  }

  async subscribe(
    filter: string,
    options: Record<string, unknown> = {},
    properties?: Record<string, unknown>,
  ): Promise<AnyPacket> {
    this.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: filter, qos: 0, nl: false, rap: false, rh: 0, ...options }],
      ...(properties && { properties }),
    })
    return this.receive('suback')
  }

  publish(topic: string, payload: string, options: Record<string, unknown> = {}): void {
    this.send({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, retain: false, dup: false, ...options })
  }

  /** Vanishes as a device does that loses its network. */
  async vanish(): Promise<void> {
    this.socket.resetAndDestroy()
    if (!this.socket.closed) await once(this.socket, 'close')
  }

  async disconnect(properties?: Record<string, unknown>, reasonCode = 0): Promise<void> {
    this.send({ cmd: 'disconnect', reasonCode, ...(properties && { properties }) })
    this.socket.end()
    if (!this.socket.closed) await once(this.socket, 'close')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
  }

  #take(packet: AnyPacket | typeof closed): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#received.push(packet)
    else waiting(packet)
  }
}
