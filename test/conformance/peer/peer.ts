/** The other end of a connection: a real socket that sends what it is told, byte by byte, and shows what comes. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import type { Version } from '../statements/statement.ts'
import { mqtt } from './bytes.ts'
import { type PacketName, Received } from './received.ts'
import {
  type Acknowledgement,
  acknowledgementOf,
  type Connack,
  disconnectOf,
  type Publish,
  publishOf,
} from './views.ts'

/** Stands for the end of the connection among the packets. */
const closed: unique symbol = Symbol('closed')
/** An `Error` is a stream of bytes that cannot be packets. */
type Event = Received | Error | typeof closed

export interface Ending {
  /** Reason code of the server's DISCONNECT, or the code of the CONNACK that refused; undefined: closed without a word. */
  readonly code: number | undefined
  /** What else came first. */
  readonly before: readonly Received[]
}

export interface PeerOptions {
  readonly version: Version
  /** Whoever waits is told that it was in vain. */
  readonly signal: AbortSignal
  /** The server may be one that does not do what it should. */
  readonly impatient: boolean
}

export class Peer {
  readonly socket: net.Socket
  version: Version
  /** Of the CONNACK that answered `Stage.connect`. */
  connack: Connack | undefined
  #unread: Buffer = Buffer.alloc(0)
  readonly #events: Event[] = []
  readonly #impatient: boolean
  #mustClose = false
  readonly #waiting: PromiseWithResolvers<Event>[] = []

  private constructor(socket: net.Socket, { version, signal, impatient }: PeerOptions) {
    this.socket = socket
    this.version = version
    this.#impatient = impatient
    socket.on('data', (bytes) => this.#take(bytes))
    socket.on('close', () => this.#push(closed))
    // A reset is one of the ways to close.
    socket.on('error', () => undefined)
    signal.addEventListener('abort', () => this.#abort(), { once: true })
  }

  static async open(host: string, port: number, options: PeerOptions): Promise<Peer> {
    const peer = new Peer(net.connect({ host, port, noDelay: true }), options)
    await once(peer.socket, 'connect')
    return peer
  }

  send(...packets: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(packets))
  }

  /** The next packet, whatever it is; fails when the server closes. */
  async next(): Promise<Received> {
    const event = await this.#next()
    if (event === closed) throw new Error('the server closed the connection')
    if (event instanceof Error) throw event
    return event
  }

  /** The next packet, which must be of this kind. */
  async expect(name: PacketName): Promise<Received> {
    const packet = await this.next().catch((error: Error) => {
      throw new Error(`${error.message} instead of sending ${name}`)
    })
    assert.equal(packet.name, name, `${packet}`)
    return packet
  }

  async publish(): Promise<Publish> {
    return publishOf(await this.expect('PUBLISH'))
  }

  async acknowledgement(name: 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP'): Promise<Acknowledgement> {
    return acknowledgementOf(await this.expect(name))
  }

  /**
   * What came up to the answer to a PINGREQ. A server answers in the order of what it was sent, so what was not sent
   * by then is not on its way: the proof that something did not come, without waiting for a while.
   */
  async untilPong(): Promise<Received[]> {
    this.send(mqtt`c0 00`)
    const packets: Received[] = []
    for (;;) {
      const packet = await this.next()
      if (packet.name === 'PINGRESP') return packets
      packets.push(packet)
    }
  }

  /** Nothing has come, and the connection lives. */
  async silent(): Promise<void> {
    assert.deepEqual((await this.untilPong()).map(String), [])
  }

  async publishes(): Promise<Publish[]> {
    return (await this.untilPong()).filter(({ name }) => name === 'PUBLISH').map(publishOf)
  }

  /** Everything that comes until the server has closed the connection. */
  async untilClosed(): Promise<Received[]> {
    const packets: Received[] = []
    for (;;) {
      const event = await this.#next()
      if (event instanceof Error) throw event
      if (event === closed) return packets
      if (this.#mustClose && goesOn(event)) throw new Error('the server goes on')
      packets.push(event)
    }
  }

  /** Waits until the server has closed the connection. */
  async ending(): Promise<Ending> {
    const packets = await this.untilClosed()
    const last = packets.at(-1)
    if (last?.name === 'DISCONNECT') return { code: disconnectOf(last).code, before: packets.slice(0, -1) }
    if (last?.name === 'CONNACK' && last.body.length >= 2) return { code: last.body[1], before: packets.slice(0, -1) }
    return { code: undefined, before: packets }
  }

  /**
   * The server must close. In 5.0 it may say why first, with one of these codes; ours always does once it has
   * answered CONNECT. In 3.1.1 no server has a word for it.
   */
  async closes(...codes: readonly number[]): Promise<Ending> {
    this.#mustClose = true
    // Who answers it has not closed. Our own broker is not asked: it must say why it closes, and a late packet may reset.
    if (this.#impatient && this.connack !== undefined) this.send(mqtt`c0 00`)
    const ending = await this.ending()
    const silent = ending.code === undefined
    if (this.connack !== undefined && this.version === 'v3.1.1') assert.ok(silent, 'a packet that 3.1.1 does not have')
    const owed = this.connack !== undefined && this.version === 'v5' && !this.#impatient
    if (codes.length > 0 && (owed || !silent)) {
      const hex = (code: number | undefined): string => (code === undefined ? 'nothing' : `0x${code.toString(16)}`)
      assert.ok(!silent && codes.includes(ending.code ?? 0), `${hex(ending.code)} instead of ${codes.map(hex)}`)
    }
    return ending
  }

  /** Vanishes as a device does that loses its network: with a reset, and without DISCONNECT. */
  async vanish(): Promise<void> {
    this.socket.resetAndDestroy()
    if (!this.socket.closed) await once(this.socket, 'close')
  }

  /** Says DISCONNECT with reason code 0, and waits until the server has closed. */
  async leave(): Promise<void> {
    this.send(mqtt`e0 00`)
    await this.ending()
  }

  destroy(): void {
    this.socket.destroy()
  }

  #next(): Promise<Event> {
    const event = this.#events.shift()
    if (event !== undefined) {
      // The end stays: whoever asks again is told again.
      if (event === closed) this.#events.unshift(event)
      return Promise.resolve(event)
    }
    const waiting = Promise.withResolvers<Event>()
    this.#waiting.push(waiting)
    return waiting.promise
  }

  #push(event: Event): void {
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) waiting.resolve(event)
    if (waiting === undefined || event === closed) this.#events.push(event)
  }

  #take(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes])
    for (;;) {
      const header = headerOf(this.#unread)
      if (header instanceof Error) return this.#push(header)
      if (header === undefined || this.#unread.length < header.packetBytes) return
      const { headerBytes, packetBytes } = header
      const packet = new Received(this.#unread.subarray(0, packetBytes), headerBytes, this.version)
      this.#unread = this.#unread.subarray(packetBytes)
      this.#push(packet)
    }
  }

  #abort(): void {
    this.socket.destroy()
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('waited in vain'))
  }
}

/** What a server does not say that is about to close. */
const goesOn = ({ name, body }: Received): boolean => name === 'PINGRESP' || (name === 'CONNACK' && body[1] === 0)

interface Header {
  readonly headerBytes: number
  readonly packetBytes: number
}

function headerOf(bytes: Buffer): Header | Error | undefined {
  let length = 0
  for (let at = 1; at <= 4; at++) {
    const digit = bytes[at]
    if (digit === undefined) return undefined
    length += (digit & 0x7f) * 128 ** (at - 1)
    if (digit < 0x80) return { headerBytes: at + 1, packetBytes: at + 1 + length }
  }
  return new Error(`a Remaining Length of more than four bytes: ${bytes.subarray(0, 8).toString('hex')}`)
}
