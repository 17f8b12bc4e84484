/**
 * One connection to a broker as its client, on our own codec: what is under way ends with it, and it is opened anew by
 * whoever needs it. Acknowledgements of what comes are the caller's, and so wait as long as it does.
 */
import type { Socket } from 'node:net'
import {
  type ConnackPacket,
  type ConnectPacket,
  type ControlPacket,
  Decoder,
  encode,
  type PacketSink,
  type Properties,
  type PublishFrame,
  type Subscription,
  type Will,
} from '@hawser/codec'
import { type Clock, HawserError, milliseconds } from '@hawser/std'
import { unlessAborted } from '../../unless-aborted.ts'
import { dial, type RemoteTls } from './dial.ts'
import { KeepAlive } from './keep-alive.ts'
import { Outgoing, type PublishOptions } from './outgoing.ts'
import { connackText, reasonText } from './reason-text.ts'

export interface RemoteOptions {
  /** `mqtt://` or `mqtts://`, without a user in it. */
  readonly url: string
  readonly clientId: string
  readonly username?: string
  readonly password?: string
  readonly tls?: RemoteTls
  readonly clock: Clock
}

/** What CONNECT says beside who we are. */
export interface RemoteSession {
  readonly version: 4 | 5
  readonly cleanStart: boolean
  /** In 3.1.1 the level says that a bridge comes: what it publishes does not come back, and what is retained says so. */
  readonly bridge?: boolean
  readonly will?: Will
  readonly properties?: Properties
  /** Publishes of ours that wait for their answer; as many of them at most as the broker takes. */
  readonly inFlightMax?: number
}

/** Who takes what comes. */
export interface RemoteReceiver {
  /** Before anything else comes. */
  connected(connack: ConnackPacket): void
  /** The frame is valid during the call alone. */
  publish(client: RemoteClient, frame: PublishFrame): void
  released(client: RemoteClient, packetId: number): void
}

/** The broker has answered CONNECT, and not let us in. */
export class ConnectRefused extends Error {
  override readonly name = 'ConnectRefused'
  /** Of MQTT 5.0, or a return code of 3.1.1. */
  readonly code: number

  constructor({ reasonCode: code, properties: { reasonString } }: ConnackPacket) {
    super(`it refuses: ${connackText(code)}${reasonString === undefined ? '' : `, ${reasonString}`}`)
    this.code = code
  }
}

const connectMsMax = milliseconds(5_000)
const keepAliveSeconds = 30
const packetBytesMax = 268_435_460
const inFlightMaxDefault = 100
const farewellMsMax = milliseconds(1_000)
/** Of SUBSCRIBE and UNSUBSCRIBE, one at a time: far above what publishes use. */
const requestId = 0xffff

const noReceiver: RemoteReceiver = {
  connected: () => undefined,
  publish: () => undefined,
  released: () => undefined,
}

export class RemoteClient implements AsyncDisposable {
  readonly #socket: Socket
  readonly #options: RemoteOptions
  readonly #session: RemoteSession
  readonly #receiver: RemoteReceiver
  readonly #connected = Promise.withResolvers<ConnackPacket>()
  readonly #decoder: Decoder
  readonly #outgoing: Outgoing
  readonly #keepAlive: KeepAlive
  /** How the broker is called in the messages of errors. */
  readonly #called: string
  readonly #gone = new AbortController()
  #request: PromiseWithResolvers<readonly number[]> | undefined
  #corked = false
  #closedByPeer = false

  private constructor(
    socket: Socket,
    options: RemoteOptions,
    session: RemoteSession,
    called: string,
    receiver: RemoteReceiver,
  ) {
    this.#socket = socket
    this.#options = options
    this.#session = session
    this.#called = called
    this.#receiver = receiver
    const { inFlightMax = inFlightMaxDefault, version } = session
    this.#decoder = new Decoder({ receives: 'from-server', version, packetBytesMax })
    this.#outgoing = new Outgoing(inFlightMax, version, (bytes) => this.#write(bytes))
    this.#keepAlive = new KeepAlive(options.clock, keepAliveSeconds, {
      ping: () => this.#write(encode({ type: 'pingreq' }, version)),
      silent: () => this.#end('it is silent'),
    })
    this.#connected.promise.catch(() => {})
    this.gone.addEventListener('abort', () => this.#connected.reject(this.gone.reason), { once: true })
    this.#listen()
  }

  /** Rejects with `ConnectRefused`, with an error of the way there, or with the signal's reason. */
  static async open(
    options: RemoteOptions,
    session: RemoteSession,
    called: string,
    signal?: AbortSignal,
    receiver = noReceiver,
  ): Promise<{ readonly client: RemoteClient; readonly connack: ConnackPacket }> {
    const late = new AbortController()
    using _deadline = options.clock.after(connectMsMax, () => late.abort(new Error('no answer to CONNECT in time')))
    const bounded = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal])
    bounded.throwIfAborted()
    const socket = await dial(options.url, options.tls, bounded)
    const client = new RemoteClient(socket, options, session, called, receiver)
    try {
      client.#write(encode(connectOf(options, session), session.version))
      const connack = await unlessAborted(bounded, client.#connected.promise)
      if (connack.reasonCode !== 0) throw new ConnectRefused(connack)
      client.#outgoing.bound(connack.properties.receiveMaximum)
      return { client, connack }
    } catch (error) {
      client.#end('it was not let in')
      throw error
    }
  }

  /** Aborts with the reason, `SINK_UNAVAILABLE`, once the connection is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  get isGone(): boolean {
    return this.gone.aborted
  }

  /** Throws where the connection is gone. */
  check(): void {
    this.gone.throwIfAborted()
  }

  /** The other side has ended the connection, not we, and not its silence. */
  get isClosedByPeer(): boolean {
    return this.#closedByPeer
  }

  /** As much is under way as may be. */
  get isFull(): boolean {
    return this.#outgoing.isFull || this.#socket.writableNeedDrain
  }

  /** Resolves once one more publish fits; rejects where the connection is gone. */
  async room(): Promise<void> {
    await unlessAborted(this.gone, this.#outgoing.room())
    if (this.#socket.writableNeedDrain) await this.#drained()
  }

  /**
   * Resolves with the reason code: from 0x80 on the broker has refused it. At QoS 0 once it is handed to the socket.
   * Publishes go in the order of the calls. Rejects with `SINK_UNAVAILABLE` where the connection is gone.
   */
  async publish(topic: string, payload: Buffer | string, options: PublishOptions): Promise<number> {
    this.check()
    if (options.qos > 0) return this.#outgoing.publish(topic, Buffer.from(payload), options)
    this.#outgoing.live(topic, Buffer.from(payload), options)
    if (this.#socket.writableNeedDrain) await this.#drained()
    return 0
  }

  /** Sends PUBREL for all ids that a publish of an earlier connection may have left with the broker. */
  async releaseAll(): Promise<void> {
    const late = Promise.withResolvers<void>()
    // One that does not answer for an id does not hold it.
    using _deadline = this.#options.clock.after(connectMsMax, late.resolve)
    await unlessAborted(this.gone, Promise.race([late.promise, this.#outgoing.releaseAll()]))
  }

  /** Resolves with a reason code for each. One request at a time. */
  subscribe(subscriptions: readonly Subscription[], properties: Properties = {}): Promise<readonly number[]> {
    return this.#ask(
      encode({ type: 'subscribe', packetId: requestId, subscriptions, properties }, this.#session.version),
    )
  }

  async unsubscribe(filters: readonly string[]): Promise<void> {
    await this.#ask(
      encode({ type: 'unsubscribe', packetId: requestId, filters, properties: {} }, this.#session.version),
    )
  }

  /** Of what has come. */
  acknowledge(type: 'puback' | 'pubrec' | 'pubcomp', packetId: number): void {
    if (!this.isGone) this.#write(encode({ type, packetId, reasonCode: 0, properties: {} }, this.#session.version))
  }

  /** Nothing more is read until `resume`. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isGone) return
    const closed = new Promise((resolve) => this.#socket.once('close', resolve))
    // What comes now comes again by the next connection; the end is seen by who reads.
    this.#decoder.halt()
    this.#socket.resume()
    this.#write(encode({ type: 'disconnect', reasonCode: 0, properties: {} }, this.#session.version))
    this.#uncork()
    this.#socket.end()
    using _deadline = this.#options.clock.after(farewellMsMax, () => this.#socket.destroy())
    await closed
  }

  #listen(): void {
    const sink: PacketSink = {
      publish: (frame) => this.#receiver.publish(this, frame),
      acknowledgement: (type, packetId, code) =>
        type === 'pubrel' ? this.#receiver.released(this, packetId) : this.#outgoing.answered(type, packetId, code),
      control: (packet) => this.#control(packet),
    }
    this.#socket
      .on('data', (bytes) => {
        this.#keepAlive.heard()
        const fault = this.#decoder.feed(bytes, 0, bytes.length, sink)
        if (fault !== undefined) this.#end(fault.message)
      })
      .on('error', (error) => this.#endByPeer(error.message))
      .on('end', () => this.#endByPeer('it has closed the connection'))
      .on('close', () => this.#endByPeer('the connection is closed'))
  }

  #control(packet: ControlPacket): void {
    switch (packet.type) {
      case 'connack':
        this.#receiver.connected(packet)
        return this.#connected.resolve(packet)
      case 'suback':
      case 'unsuback':
        return this.#request?.resolve(packet.reasonCodes)
      case 'pingresp':
        return
      case 'disconnect':
        return this.#endByPeer(`it has disconnected us: ${reasonText(packet.reasonCode)}`)
      default:
        return this.#end(`it has sent ${packet.type}`)
    }
  }

  async #ask(request: Buffer): Promise<readonly number[]> {
    this.check()
    this.#request = Promise.withResolvers()
    this.#write(request)
    return unlessAborted(this.gone, this.#request.promise)
  }

  #endByPeer(why: string): void {
    if (!this.isGone) this.#closedByPeer = true
    this.#end(why)
  }

  /** Once. */
  #end(why: string): void {
    this.#socket.destroy()
    if (this.isGone) return
    this.#keepAlive[Symbol.dispose]()
    const reason = new HawserError('SINK_UNAVAILABLE', `${this.#called}: ${why}`, { retryable: true })
    this.#gone.abort(reason)
    this.#outgoing.fail(reason)
  }

  async #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#socket.once('drain', resolve)
    await unlessAborted(this.gone, promise)
  }

  /** What is written in one turn goes in one packet of TCP. */
  #write(bytes: Buffer): void {
    if (!this.#corked) {
      this.#corked = true
      this.#socket.cork()
      setImmediate(() => this.#uncork())
    }
    this.#keepAlive.said()
    this.#socket.write(bytes)
  }

  #uncork(): void {
    if (!this.#corked) return
    this.#corked = false
    this.#socket.uncork()
  }
}

function connectOf({ clientId, username, password }: RemoteOptions, session: RemoteSession): ConnectPacket {
  const { version, cleanStart, will, properties = {}, bridge = false } = session
  return {
    type: 'connect',
    ...{ version, clientId, cleanStart, keepAliveSeconds, properties, bridge },
    ...(will === undefined ? {} : { will }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
  }
}
