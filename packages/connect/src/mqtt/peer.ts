/** Another broker, as one of its clients sees it: what it is ready to take, and publishes with their answers. */
import { type ConnackPacket, reasonCode } from '@hawser/codec'
import { HawserError } from '@hawser/std'
import type { PublishOptions } from './client/outgoing.ts'
import { reasonText } from './client/reason-text.ts'
import { ConnectRefused, RemoteClient, type RemoteOptions } from './client/remote-client.ts'
import type { MqttVersion } from './defaults.ts'

export interface PeerOptions extends RemoteOptions {
  readonly version: MqttVersion
  /** Publishes that wait for their answer. */
  readonly inFlightMax: number
}

/** What it has said at connecting. */
export interface PeerBounds {
  readonly packetBytesMax: number
  readonly qosMax: 0 | 1 | 2
  readonly retains: boolean
}

export type PublishAnswer = { readonly kind: 'taken' } | { readonly kind: 'refused'; readonly reason: string }

/** Whatever else goes wrong rejects with `SINK_UNAVAILABLE`; it is disposed then, and opened anew. */
export interface Peer extends AsyncDisposable {
  readonly bounds: PeerBounds
  /** It has closed the connection, or said that it does. */
  readonly hasClosed: boolean
  /** As much is under way as may be: `room` is to be awaited before the next publish. */
  readonly isFull: boolean
  room(): Promise<void>
  publish(topic: string, payload: Buffer, options: PublishOptions): Promise<PublishAnswer>
}

export async function openPeer(options: PeerOptions, signal: AbortSignal): Promise<Peer> {
  const { version, inFlightMax } = options
  try {
    const session = { version: version === '5.0' ? 5 : 4, cleanStart: true, inFlightMax } as const
    const { client, connack } = await RemoteClient.open(options, session, 'the other broker', signal)
    return new MqttPeer(client, boundsOf(connack))
  } catch (error) {
    signal.throwIfAborted()
    throw connectError(options.url, error)
  }
}

/** [MQTT-3.2.2-11] [MQTT-3.2.2-14] [MQTT-3.2.2-15] */
const boundsOf = ({ properties = {} }: ConnackPacket): PeerBounds => ({
  packetBytesMax: properties.maximumPacketSize ?? 268_435_460,
  qosMax: properties.maximumQoS ?? 2,
  retains: properties.retainAvailable ?? true,
})

/** Bad user name or password, not authorized, unacceptable protocol version: in MQTT 3.1.1 and 5.0. */
const refusals = [1, 4, 5, 0x84, 0x86, 0x87]

export function connectError(url: string, error: unknown): HawserError {
  const line = `the broker at ${new URL(url).host}: ${error instanceof Error ? error.message : error}`
  if (error instanceof ConnectRefused && refusals.includes(error.code)) {
    const mend = 'mend user, password, rights or version, then resume the connector'
    return new HawserError('SINK_REFUSED', line, { mend, cause: error })
  }
  return new HawserError('SINK_UNAVAILABLE', line, { retryable: true, cause: error })
}

/** What is wrong with one message, not with us. */
const finalAnswers: ReadonlySet<number> = new Set([
  reasonCode.notAuthorized,
  reasonCode.topicNameInvalid,
  reasonCode.packetTooLarge,
  reasonCode.payloadFormatInvalid,
  reasonCode.retainNotSupported,
  reasonCode.qosNotSupported,
])

class MqttPeer implements Peer {
  readonly bounds: PeerBounds
  readonly #client: RemoteClient

  constructor(client: RemoteClient, bounds: PeerBounds) {
    this.#client = client
    this.bounds = bounds
  }

  get hasClosed(): boolean {
    return this.#client.isClosedByPeer
  }

  get isFull(): boolean {
    return this.#client.isFull
  }

  room(): Promise<void> {
    return this.#client.room()
  }

  async publish(topic: string, payload: Buffer, options: PublishOptions): Promise<PublishAnswer> {
    const code = await this.#client.publish(topic, payload, options)
    if (code < 0x80) return { kind: 'taken' }
    if (finalAnswers.has(code)) return { kind: 'refused', reason: reasonText(code) }
    throw new HawserError('SINK_UNAVAILABLE', `the other broker: ${reasonText(code)}`, { retryable: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
  }
}
