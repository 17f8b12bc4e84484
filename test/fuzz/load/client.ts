/**
 * A client by the thousand: one socket, packets made by `mqtt-packet`, and frames counted where they lie. It does only
 * what it is told, and that includes not reading.
 */
import net, { type Socket } from 'node:net'
import { type Clock, milliseconds } from '@hawser/std'
import { FrameWalker } from '@hawser/verify/load'
import mqtt, { type Packet } from 'mqtt-packet'

/** Valid during one read only. */
const readBuffer = Buffer.allocUnsafeSlow(65_536)
const typeOf = { connack: 2, publish: 3, suback: 9 } as const

export const packet = (fields: Record<string, unknown>): Buffer =>
  mqtt.generate(fields as unknown as Packet, { protocolVersion: 4 })

export const publish = (topic: string, payload: Buffer, qos: number, messageId: number, retain = false): Buffer =>
  packet({ cmd: 'publish', topic, payload, qos, messageId, retain, dup: false })

export interface ConnectFields {
  readonly clientId: string
  readonly clean?: boolean
  readonly keepalive?: number
  readonly will?: Record<string, unknown>
}

const connectPacket = ({ clientId, clean = true, keepalive = 0, will }: ConnectFields): Buffer =>
  packet({
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId, clean, keepalive },
    ...(will && { will }),
  })

export class LoadClient {
  readonly socket: Socket
  /** By packet type, what came. */
  readonly received = new Float64Array(16)
  closed = false
  /** Why its own side of the connection ended, if it did. */
  error: string | undefined
  /** The return code of CONNACK. */
  connack: number | undefined
  /** Called after each read. */
  onRead: () => void = () => undefined
  readonly #waiters: (() => void)[] = []

  constructor(port: number) {
    const walker = new FrameWalker((bytes, first, _body, end) => {
      const type = first >> 4
      this.received[type] = (this.received[type] ?? 0) + 1
      if (type === typeOf.connack) this.connack = bytes[end - 1]
    })
    const callback = (count: number): boolean => {
      walker.push(readBuffer, count)
      this.onRead()
      this.#wake()
      return true
    }
    this.socket = net.connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer: readBuffer, callback } })
    // A reset is an answer like any other.
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? error.message
    })
    this.socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  static async connect(port: number, fields: ConnectFields): Promise<LoadClient> {
    const client = new LoadClient(port)
    client.say(connectPacket(fields))
    await client.until(() => client.connack !== undefined)
    if (client.connack !== 0) throw new Error(`${fields.clientId} was answered ${client.connack ?? 'nothing'}`)
    return client
  }

  /** Does not wait for anything. */
  static hasten(port: number, fields: ConnectFields): LoadClient {
    const client = new LoadClient(port)
    client.say(connectPacket(fields))
    return client
  }

  get publishes(): number {
    return this.received[typeOf.publish] ?? 0
  }

  say(bytes: Buffer): boolean {
    return this.socket.write(bytes)
  }

  /** Says all of it, no faster than the broker takes it. Answers false where the broker stopped taking it. */
  async sayAll(bytes: Buffer, clock: Clock, patienceMs: number): Promise<boolean> {
    if (this.say(bytes)) return true
    const drained = await orLater(new Promise<void>((resolve) => this.socket.once('drain', resolve)), clock, patienceMs)
    return drained && !this.closed
  }

  async subscribe(filters: readonly string[], qos: number): Promise<void> {
    const before = this.received[typeOf.suback] ?? 0
    const subscriptions = filters.map((topic) => ({ topic, qos }))
    this.say(packet({ cmd: 'subscribe', messageId: 1, subscriptions }))
    await this.until(() => (this.received[typeOf.suback] ?? 0) > before)
  }

  /** Resolves once it holds, or the connection is over. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.closed) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  vanish(): void {
    this.socket.resetAndDestroy()
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}

/** Whether it came in time. */
export async function orLater(event: Promise<unknown>, clock: Clock, patienceMs: number): Promise<boolean> {
  using timers = new DisposableStack()
  const late = new Promise<false>((resolve) => {
    timers.use(clock.after(milliseconds(patienceMs), () => resolve(false)))
  })
  return await Promise.race([event.then(() => true), late])
}
