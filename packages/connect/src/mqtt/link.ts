/**
 * The way to another broker: one connection, by which messages go and come. Both halves share it, because the other
 * broker leaves out what has come by the same connection; each opens it anew where it is gone.
 */
import { type ConnackPacket, type PublishFrame, reasonCode } from '@hawser/codec'
import { RemoteClient, type RemoteReceiver, type RemoteSession } from './client/remote-client.ts'
import { originProperty } from './origin.ts'
import { connectError, type PeerOptions } from './peer-options.ts'

/**
 * 3.1.1 has no Receive Maximum. Of more at QoS 2 than its max_inflight_messages, 20 unless set, Mosquitto 2.0 drops some,
 * and answers them all the same.
 */
const oldInFlightMax = 20

/** A half's share in the connection, until disposed of. */
export interface LinkShare extends AsyncDisposable {
  readonly client: RemoteClient
  readonly connack: ConnackPacket
}

interface Open {
  readonly client: RemoteClient
  readonly connack: ConnackPacket
  users: number
}

export class Link {
  readonly #name: string
  readonly #options: PeerOptions
  readonly #hub = new Hub()
  #open: Open | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(name: string, options: PeerOptions) {
    this.#name = name
    this.#options = options
  }

  get url(): string {
    return this.#options.url
  }

  /** To send. `logId` is told to the other side, which answers with its own where it is a Hawser. */
  outward(logId: string, signal: AbortSignal): Promise<LinkShare> {
    return this.#inTurn(async () => {
      const open = this.#living() ?? (await this.#connect(logId, signal))
      open.users++
      const leave = async (): Promise<void> => {
        if (--open.users === 0) await open.client[Symbol.asyncDispose]()
      }
      return { client: open.client, connack: open.connack, [Symbol.asyncDispose]: leave }
    })
  }

  /** To receive, one at a time. It takes the connection along when it leaves: what it has not answered comes again. */
  inward(logId: string, receiver: RemoteReceiver, signal: AbortSignal): Promise<LinkShare> {
    return this.#inTurn(async () => {
      const living = this.#living()
      if (living !== undefined && this.#hub.hasMissed) await living.client[Symbol.asyncDispose]()
      this.#hub.receiver = receiver
      const usable = this.#living()
      if (usable !== undefined) receiver.connected(usable.connack)
      const open = usable ?? (await this.#connect(logId, signal))
      open.users++
      const leave = async (): Promise<void> => {
        if (this.#hub.receiver === receiver) this.#hub.receiver = undefined
        await open.client[Symbol.asyncDispose]()
      }
      return { client: open.client, connack: open.connack, [Symbol.asyncDispose]: leave }
    })
  }

  #living(): Open | undefined {
    return this.#open?.client.isGone === false ? this.#open : undefined
  }

  async #connect(logId: string, signal: AbortSignal): Promise<Open> {
    try {
      this.#hub.hasMissed = false
      const { clientId = `hawser-${this.#name}-${logId.slice(-8)}`, ...options } = this.#options
      const { client, connack } = await RemoteClient.open(
        { ...options, clientId },
        this.#session(logId),
        'the other broker',
        signal,
        this.#hub,
      )
      if (connack.sessionPresent && this.#options.sends) await client.releaseAll()
      this.#open = { client, connack, users: 0 }
      return this.#open
    } catch (error) {
      signal.throwIfAborted()
      throw connectError(this.#options.url, error)
    }
  }

  #session(logId: string): RemoteSession {
    const { version, inFlightMax, sessionSeconds, bridgeBit } = this.#options
    // One that ends with the connection is none.
    const receives = sessionSeconds !== undefined && sessionSeconds > 0
    if (version === '3.1.1') {
      const bridge = receives && bridgeBit
      return { version: 4, cleanStart: !receives, bridge, inFlightMax: Math.min(inFlightMax, oldInFlightMax) }
    }
    const userProperties = [[originProperty, logId] as const]
    const durable = receives ? { sessionExpiryInterval: sessionSeconds, receiveMaximum: inFlightMax } : {}
    return { version: 5, cleanStart: !receives, inFlightMax, properties: { userProperties, ...durable } }
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const mine = this.#turn.then(work, work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }
}

/** Whoever receives now. */
class Hub implements RemoteReceiver {
  receiver: RemoteReceiver | undefined
  /** Something has come that nobody was there to answer: by a new connection it comes again. */
  hasMissed = false

  connected(connack: ConnackPacket): void {
    if (connack.reasonCode === reasonCode.success) this.receiver?.connected(connack)
  }

  publish(client: RemoteClient, frame: PublishFrame): void {
    if (this.receiver !== undefined) return this.receiver.publish(client, frame)
    this.hasMissed = true
  }

  released(client: RemoteClient, packetId: number): void {
    if (this.receiver !== undefined) return this.receiver.released(client, packetId)
    this.hasMissed = true
  }
}
