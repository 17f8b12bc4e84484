/** Another broker, as one of its clients sees it: what it is ready to take, and publishes with their answers. */
import { HawserError } from '@hawser/std'
import type { IClientPublishOptions, IConnackPacket } from 'mqtt'
import type { MqttVersion } from './defaults.ts'
import { hasCode, RemoteClient, type RemoteOptions } from './remote-client.ts'

export interface PeerOptions extends RemoteOptions {
  readonly version: MqttVersion
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

export async function openPeer(options: PeerOptions, signal: AbortSignal): Promise<Peer> {
  try {
    const protocolVersion = options.version === '5.0' ? 5 : 4
    const { client, connack } = await RemoteClient.open(options, { protocolVersion }, 'the other broker', signal)
    return new MqttPeer(client, boundsOf(connack))
  } catch (error) {
    signal.throwIfAborted()
    throw connectError(options.url, error)
  }
}

/** [MQTT-3.2.2-11] [MQTT-3.2.2-14] [MQTT-3.2.2-15] [MQTT-3.3.4-9] */
const boundsOf = ({ properties = {} }: IConnackPacket): PeerBounds => ({
  receiveMaximum: properties.receiveMaximum ?? 65_535,
  packetBytesMax: properties.maximumPacketSize ?? 268_435_460,
  qosMax: properties.maximumQoS === 0 || properties.maximumQoS === 1 ? properties.maximumQoS : 2,
  retains: properties.retainAvailable ?? true,
})

/** Bad user name or password, not authorized, unacceptable protocol version: in MQTT 3.1.1 and 5.0. */
const refusals = [1, 4, 5, 0x84, 0x86, 0x87]

function connectError(url: string, error: unknown): HawserError {
  const line = `the broker at ${new URL(url).host}: ${error instanceof Error ? error.message : error}`
  if (hasCode(error, refusals)) {
    const mend = 'mend user, password, rights or version, then resume the connector'
    return new HawserError('SINK_REFUSED', line, { mend, cause: error })
  }
  return new HawserError('SINK_UNAVAILABLE', line, { retryable: true, cause: error })
}

/** What is wrong with one message, not with us: payload format, topic, packet too large, not authorized, QoS, retain. */
const finalAnswers = [0x87, 0x90, 0x95, 0x99, 0x9a, 0x9b]

class MqttPeer implements Peer {
  readonly bounds: PeerBounds
  readonly #client: RemoteClient

  constructor(client: RemoteClient, bounds: PeerBounds) {
    this.#client = client
    this.bounds = bounds
  }

  async publish(topic: string, payload: Buffer, options: IClientPublishOptions): Promise<PublishAnswer> {
    try {
      await this.#client.publish(topic, payload, options)
      return { kind: 'taken' }
    } catch (error) {
      if (error instanceof HawserError) throw error
      const reason = error instanceof Error ? error.message : String(error)
      if (hasCode(error, finalAnswers)) return { kind: 'refused', reason }
      throw new HawserError('SINK_UNAVAILABLE', `the other broker: ${reason}`, { retryable: true, cause: error })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
  }
}
