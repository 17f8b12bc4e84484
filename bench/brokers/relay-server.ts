/**
 * No broker: the least that answers the generator, so that the generator's own ceiling shows: `node relay-server.ts PORT`.
 *
 * It hands on what a publisher sent as it came. It reads frames only to acknowledge QoS 1 and 2; it stores nothing,
 * checks nothing, and knows only the topics of the rows: `bench/` and one level.
 */
import { createServer, type Socket } from 'node:net'
import { acknowledgement, FrameWalker, packetType } from '@hawser/verify/load'

const connect = 0x10
const subscribe = 0x80

const subscribers = new Map<string, Socket[]>()

class RelayedConnection {
  readonly #socket: Socket
  readonly #walker = new FrameWalker((bytes, first, body) => this.#onFrame(bytes, first, body))
  #answers: Buffer[] = []
  /** Of a publisher, from its first message on. */
  #receivers: readonly Socket[] = []
  #isUnread = false

  constructor(socket: Socket) {
    this.#socket = socket.setMaxListeners(0)
    socket.on('data', (bytes: Buffer) => this.#onData(bytes))
    socket.on('error', () => socket.destroy())
  }

  #onData(bytes: Buffer): void {
    if (!this.#isUnread) this.#walker.push(bytes, bytes.length)
    for (const receiver of this.#receivers) {
      if (receiver.write(bytes)) continue
      this.#socket.pause()
      receiver.once('drain', () => this.#socket.resume())
    }
    if (this.#answers.length === 0) return
    this.#socket.write(Buffer.concat(this.#answers))
    this.#answers = []
  }

  #onFrame(bytes: Buffer, first: number, body: number): void {
    const type = first & 0xf0
    if (type === connect) this.#answers.push(Buffer.of(packetType.connack, 2, 0, 0))
    else if (type === subscribe) this.#subscribe(bytes, body + 2)
    else if (type === packetType.publish) this.#publish(bytes, (first >> 1) & 3, body)
    else if (type === packetType.pubrel) this.#answer(packetType.pubcomp, bytes, body)
  }

  #subscribe(bytes: Buffer, filterAt: number): void {
    const filterEnd = endOfString(bytes, filterAt)
    const filter = bytes.toString('latin1', filterAt + 2, filterEnd)
    subscribers.set(filter, [...(subscribers.get(filter) ?? []), this.#socket])
    this.#answers.push(Buffer.of(packetType.suback, 3, 0, 1, bytes[filterEnd] as number))
  }

  #publish(bytes: Buffer, qos: number, topicAt: number): void {
    const topicEnd = endOfString(bytes, topicAt)
    if (this.#receivers.length === 0) {
      const topic = bytes.toString('latin1', topicAt + 2, topicEnd)
      this.#receivers = subscribers.get(topic) ?? subscribers.get('bench/+') ?? []
    }
    this.#isUnread = qos === 0
    if (qos > 0) this.#answer(qos === 1 ? packetType.puback : packetType.pubrec, bytes, topicEnd)
  }

  #answer(type: number, bytes: Buffer, packetIdAt: number): void {
    this.#answers.push(acknowledgement(type, bytes.readUInt16BE(packetIdAt)))
  }
}

const endOfString = (bytes: Buffer, at: number): number => at + 2 + bytes.readUInt16BE(at)

createServer({ noDelay: true }, (socket) => new RelayedConnection(socket)).listen(Number(process.argv[2]), '127.0.0.1')
