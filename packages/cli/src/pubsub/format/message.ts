/** A message as it came, with what the output needs of it. */
import type { IPublishPacket } from 'mqtt'
import type { UserProperties } from '../flags/user-properties.ts'
import { type BinaryText, fromBytes, fromText } from './bytes.ts'

export interface ReceivedMessage {
  readonly topic: BinaryText
  readonly payload: Buffer
  readonly qos: number
  readonly retain: boolean
  /** 0 at QoS 0. */
  readonly packetId: number
  readonly properties: ReceivedProperties | undefined
}

export type ReceivedProperties = NonNullable<IPublishPacket['properties']>

export function receivedMessage(topic: string, packet: IPublishPacket): ReceivedMessage {
  const { payload, qos, retain, messageId = 0, properties } = packet
  return {
    topic: fromText(topic),
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    qos,
    retain,
    packetId: qos === 0 ? 0 : messageId,
    properties,
  }
}

export function* userProperties(properties: ReceivedProperties | undefined): Generator<[BinaryText, BinaryText]> {
  const given = (properties?.userProperties ?? {}) as UserProperties
  for (const [key, values] of Object.entries(given)) {
    for (const value of typeof values === 'string' ? [values] : values) yield [fromText(key), fromText(value)]
  }
}

export const optionalText = (text: string | undefined): BinaryText | undefined =>
  text === undefined ? undefined : fromText(text)

export const optionalBytes = (bytes: Buffer | undefined): BinaryText | undefined =>
  bytes === undefined ? undefined : fromBytes(bytes)

/** The first, where several subscriptions of ours matched. */
export function subscriptionIdentifier(properties: ReceivedProperties | undefined): number | undefined {
  const identifier: unknown = properties?.subscriptionIdentifier
  if (Array.isArray(identifier)) return Number(identifier[0])
  return identifier === undefined ? undefined : Number(identifier)
}
