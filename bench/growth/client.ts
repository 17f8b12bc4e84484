/** A client that does no more than growth needs: packets of `mqtt-packet` out, and what comes back awaited by kind. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { generate, type Packet, parser } from 'mqtt-packet'

type Command = Packet['cmd']

export interface Session {
  readonly clientId: string
  readonly durable?: boolean
}

const sessionSeconds = 86_400

export class Client implements Disposable {
  readonly #socket: Socket
  readonly #parser = parser({ protocolVersion: 5 })
  readonly #waiting: { readonly command: Command; readonly resolve: (packet: Packet) => void }[] = []
  readonly #got: Packet[] = []
  #packetId = 0
  published = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => this.#parser.parse(bytes))
    socket.on('error', () => undefined)
    this.#parser.on('packet', (packet: Packet) => this.#take(packet))
  }

  static async connect(port: number, { clientId, durable = false }: Session): Promise<Client> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    await once(socket, 'connect')
    const client = new Client(socket)
    const properties = { sessionExpiryInterval: durable ? sessionSeconds : 0 }
    client.send({ cmd: 'connect', clientId, clean: !durable, keepalive: 0, protocolVersion: 5, properties })
    await client.next('connack')
    return client
  }

  send(packet: Packet): boolean {
    return this.#socket.write(generate(packet, { protocolVersion: 5 }))
  }

  /** Resolves once the socket takes more. */
  async drained(): Promise<void> {
    if (this.#socket.writableNeedDrain) await once(this.#socket, 'drain')
  }

  async subscribe(filters: readonly string[], qos: 0 | 1): Promise<void> {
    const messageId = this.#nextId()
    this.send({ cmd: 'subscribe', messageId, subscriptions: filters.map((topic) => ({ topic, qos })) })
    await this.next('suback')
  }

  async unsubscribe(filters: readonly string[]): Promise<void> {
    this.send({ cmd: 'unsubscribe', messageId: this.#nextId(), unsubscriptions: [...filters] })
    await this.next('unsuback')
  }

  publish(topic: string, qos: 0 | 1, retain = false): boolean {
    const common = { cmd: 'publish', topic, payload: 'x'.repeat(64), retain, dup: false } as const
    return this.send(qos === 0 ? { ...common, qos } : { ...common, qos, messageId: this.#nextId() })
  }

  /** The next packet of a kind, also one that has come already. */
  next(command: Command): Promise<Packet> {
    const at = this.#got.findIndex(({ cmd }) => cmd === command)
    const found = at < 0 ? undefined : this.#got.splice(at, 1)[0]
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve) => this.#waiting.push({ command, resolve }))
  }

  /** A round trip: the broker has seen all that was sent before. */
  async settled(): Promise<void> {
    this.send({ cmd: 'pingreq' })
    await this.next('pingresp')
  }

  async disconnect(): Promise<void> {
    this.send({ cmd: 'disconnect', reasonCode: 0 })
    this.#socket.end()
    await once(this.#socket, 'close')
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #take(packet: Packet): void {
    if (packet.cmd === 'publish') this.published++
    const at = this.#waiting.findIndex(({ command }) => command === packet.cmd)
    const waiting = at < 0 ? undefined : this.#waiting.splice(at, 1)[0]
    if (waiting !== undefined) waiting.resolve(packet)
    // Messages are counted, not kept.
    else if (packet.cmd !== 'publish') this.#got.push(packet)
  }

  #nextId(): number {
    this.#packetId = (this.#packetId % 0xffff) + 1
    return this.#packetId
  }
}
