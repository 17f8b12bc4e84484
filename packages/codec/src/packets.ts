/** The packets of MQTT 3.1, 3.1.1 and 5.0 as values. */

/** The protocol level of CONNECT: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
export type ProtocolVersion = 3 | 4 | 5
export type QoS = 0 | 1 | 2

/** MQTT 5.0, table 2-4. A packet carries only those that the table allows it. */
export interface Properties {
  payloadFormatIndicator?: 0 | 1
  messageExpiryInterval?: number
  contentType?: string
  responseTopic?: string
  correlationData?: Uint8Array
  /** Several on a PUBLISH to a client, one on SUBSCRIBE. */
  subscriptionIdentifiers?: readonly number[]
  sessionExpiryInterval?: number
  assignedClientIdentifier?: string
  serverKeepAlive?: number
  authenticationMethod?: string
  authenticationData?: Uint8Array
  requestProblemInformation?: boolean
  willDelayInterval?: number
  requestResponseInformation?: boolean
  responseInformation?: string
  serverReference?: string
  reasonString?: string
  receiveMaximum?: number
  topicAliasMaximum?: number
  topicAlias?: number
  maximumQoS?: 0 | 1
  retainAvailable?: boolean
  /** In the order of the wire; a name may come more than once. */
  userProperties?: readonly (readonly [string, string])[]
  maximumPacketSize?: number
  wildcardSubscriptionAvailable?: boolean
  subscriptionIdentifiersAvailable?: boolean
  sharedSubscriptionAvailable?: boolean
}

export interface Will {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: Properties
}

export interface ConnectPacket {
  readonly type: 'connect'
  readonly version: ProtocolVersion
  readonly clientId: string
  /** Clean Session of 3.1.1, Clean Start of 5.0. */
  readonly cleanStart: boolean
  readonly keepAliveSeconds: number
  /** Written, not read: the high bit of the level of 3.1.1, by which Mosquitto and others know a bridge. */
  readonly bridge?: boolean
  readonly username?: string
  readonly password?: Uint8Array
  readonly will?: Will
  readonly properties: Properties
}

export interface ConnackPacket {
  readonly type: 'connack'
  readonly sessionPresent: boolean
  /** A reason code of 5.0, or a return code of 3.1.1. */
  readonly reasonCode: number
  readonly properties: Properties
}

export interface PublishPacket {
  readonly type: 'publish'
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly duplicate: boolean
  /** 0 where the QoS is 0. */
  readonly packetId: number
  readonly properties: Properties
}

export interface AcknowledgementPacket {
  readonly type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'
  readonly packetId: number
  readonly reasonCode: number
  readonly properties: Properties
}

export type RetainHandling = 0 | 1 | 2

export interface Subscription {
  readonly filter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: RetainHandling
}

export interface SubscribePacket {
  readonly type: 'subscribe'
  readonly packetId: number
  readonly subscriptions: readonly Subscription[]
  readonly properties: Properties
}

export interface SubackPacket {
  readonly type: 'suback'
  readonly packetId: number
  readonly reasonCodes: readonly number[]
  readonly properties: Properties
}

export interface UnsubscribePacket {
  readonly type: 'unsubscribe'
  readonly packetId: number
  readonly filters: readonly string[]
  readonly properties: Properties
}

export interface UnsubackPacket {
  readonly type: 'unsuback'
  readonly packetId: number
  /** Empty in 3.1.1. */
  readonly reasonCodes: readonly number[]
  readonly properties: Properties
}

export interface PingreqPacket {
  readonly type: 'pingreq'
}
export interface PingrespPacket {
  readonly type: 'pingresp'
}

export interface DisconnectPacket {
  readonly type: 'disconnect'
  readonly reasonCode: number
  readonly properties: Properties
}

export interface AuthPacket {
  readonly type: 'auth'
  readonly reasonCode: number
  readonly properties: Properties
}

export type Packet =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AcknowledgementPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingreqPacket
  | PingrespPacket
  | DisconnectPacket
  | AuthPacket

export type PacketType = Packet['type']

/** What the decoder hands over as a value; publishes and acknowledgements go the short way. */
export type ControlPacket = Exclude<Packet, PublishPacket | AcknowledgementPacket>
