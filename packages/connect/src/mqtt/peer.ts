/** Another broker, as one of its clients sees it: what it is ready to take, and publishes with their answers. */
import { type ConnackPacket, reasonCode } from '@hawser/codec'
import { HawserError } from '@hawser/std'
import type { PublishOptions } from './client/outgoing.ts'
import { reasonText } from './client/reason-text.ts'
import type { RemoteClient } from './client/remote-client.ts'
import type { Link, LinkShare } from './link.ts'
import { originProperty } from './origin.ts'

/** What it has said at connecting. */
export interface PeerBounds {
  readonly packetBytesMax: number
  readonly qosMax: 0 | 1 | 2
  readonly retains: boolean
  /** Of its log, where it is a Hawser. */
  readonly logId: string | undefined
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

export async function openPeer(link: Link, logId: string, signal: AbortSignal): Promise<Peer> {
  return new MqttPeer(await link.outward(logId, signal))
}

/** A Hawser that is told the name of a log answers with its own. */
export const peerLogOf = ({ properties }: ConnackPacket): string | undefined =>
  properties.userProperties?.find(([name]) => name === originProperty)?.[1]

/** [MQTT-3.2.2-11] [MQTT-3.2.2-14] [MQTT-3.2.2-15] */
const boundsOf = (connack: ConnackPacket): PeerBounds => ({
  packetBytesMax: connack.properties.maximumPacketSize ?? 268_435_460,
  qosMax: connack.properties.maximumQoS ?? 2,
  retains: connack.properties.retainAvailable ?? true,
  logId: peerLogOf(connack),
})

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
  readonly #share: LinkShare

  constructor(share: LinkShare) {
    this.#share = share
    this.#client = share.client
    this.bounds = boundsOf(share.connack)
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
    await this.#share[Symbol.asyncDispose]()
  }
}
