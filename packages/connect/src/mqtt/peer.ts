/** Another broker, as one of its clients sees it: what it is ready to take, and publishes with their answers. */
import { HawserError } from '@hawser/std'
import { connect, type IClientPublishOptions, type IConnackPacket, type MqttClient } from 'mqtt'

export const peerVersions = ['3.1.1', '5.0'] as const

export interface PeerOptions {
  /** `mqtt://` or `mqtts://`, without a user in it. */
  readonly url: string
  readonly version: (typeof peerVersions)[number]
  readonly clientId: string
  readonly username?: string
  readonly password?: string
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

/** What it has said at connecting. */
export interface PeerBounds {
  readonly receiveMaximum: number
  readonly packetBytesMax: number
  readonly qosMax: 0 | 1 | 2
  readonly retains: boolean
}

export type PublishAnswer = { readonly kind: 'taken' } | { readonly kind: 'refused'; readonly reason: string }

/** Whatever else goes wrong rejects with `SINK_UNAVAILABLE`; it is disposed then, and opened anew. */
export interface Peer extends AsyncDisposable {
  readonly bounds: PeerBounds
  publish(topic: string, payload: Buffer, options: IClientPublishOptions): Promise<PublishAnswer>
}

const connectMsMax = 5_000

export async function openPeer(options: PeerOptions, signal: AbortSignal): Promise<Peer> {
  signal.throwIfAborted()
  const { url, version, clientId, username, password, tls } = options
  const client = connect(url, {
    ...{ clientId, clean: true, reconnectPeriod: 0, connectTimeout: connectMsMax, keepalive: 30 },
    protocolVersion: version === '5.0' ? 5 : 4,
    ...(username === undefined ? {} : { username, password }),
    ...tls,
  })
  try {
    return new MqttPeer(client, boundsOf(await connected(client, signal)))
  } catch (error) {
    client.end(true)
    signal.throwIfAborted()
    throw connectError(url, error)
  }
}

function connected(client: MqttClient, signal: AbortSignal): Promise<IConnackPacket> {
  const { promise, resolve, reject } = Promise.withResolvers<IConnackPacket>()
  client.once('connect', resolve)
  client.once('error', reject)
  client.once('close', () => reject(new Error('the connection is closed')))
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}

/** [MQTT-3.2.2-11] [MQTT-3.2.2-14] [MQTT-3.2.2-15] [MQTT-3.3.4-9] */
const boundsOf = ({ properties = {} }: IConnackPacket): PeerBounds => ({
  receiveMaximum: properties.receiveMaximum ?? 65_535,
  packetBytesMax: properties.maximumPacketSize ?? 268_435_460,
  qosMax: properties.maximumQoS === 0 || properties.maximumQoS === 1 ? properties.maximumQoS : 2,
  retains: properties.retainAvailable ?? true,
})

const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined

/** Bad user name or password, not authorized, unacceptable protocol version: in MQTT 3.1.1 and 5.0. */
const refusals = [1, 4, 5, 0x84, 0x86, 0x87]

function connectError(url: string, error: unknown): HawserError {
  const line = `the broker at ${new URL(url).host}: ${error instanceof Error ? error.message : error}`
  if (refusals.some((code) => code === codeOf(error))) {
    const mend = 'mend user, password, rights or version, then resume the connector'
    return new HawserError('SINK_REFUSED', line, { mend, cause: error })
  }
  return new HawserError('SINK_UNAVAILABLE', line, { retryable: true, cause: error })
}

/** What is wrong with one message, not with us: payload format, topic, packet too large, not authorized, QoS, retain. */
const finalAnswers = [0x87, 0x90, 0x95, 0x99, 0x9a, 0x9b]

class MqttPeer implements Peer {
  readonly bounds: PeerBounds
  readonly #client: MqttClient
  readonly #gone = Promise.withResolvers<never>()
  #isGone = false

  constructor(client: MqttClient, bounds: PeerBounds) {
    this.#client = client
    this.bounds = bounds
    const end = (why: string): void => {
      this.#isGone = true
      this.#gone.reject(new HawserError('SINK_UNAVAILABLE', `the other broker: ${why}`, { retryable: true }))
    }
    client.on('error', (error) => end(error.message)).on('close', () => end('the connection is closed'))
    // Heard by whoever publishes.
    this.#gone.promise.catch(() => {})
  }

  async publish(topic: string, payload: Buffer, options: IClientPublishOptions): Promise<PublishAnswer> {
    try {
      // The client keeps what is under way for a connection that never comes.
      if (!this.#isGone) await Promise.race([this.#client.publishAsync(topic, payload, options), this.#gone.promise])
      else await this.#gone.promise
      return { kind: 'taken' }
    } catch (error) {
      if (error instanceof HawserError) throw error
      const reason = error instanceof Error ? error.message : String(error)
      if (finalAnswers.some((code) => code === codeOf(error))) return { kind: 'refused', reason }
      throw new HawserError('SINK_UNAVAILABLE', `the other broker: ${reason}`, { retryable: true, cause: error })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(this.#isGone)
  }
}
