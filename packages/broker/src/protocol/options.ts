/** What of MQTT this broker offers, where the specifications leave it to the server. CONNACK tells 5.0 clients. */
import type { ProtocolVersion, QoS } from '@hawser/codec'

export interface ProtocolOptions {
  /** By protocol level: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
  readonly acceptVersions: readonly ProtocolVersion[]
  /** A publish or will above it is refused; a subscription above it is granted this. */
  readonly qosMax: QoS
  readonly retainAvailable: boolean
  readonly wildcardSubscriptionAvailable: boolean
  readonly sharedSubscriptionAvailable: boolean
  readonly subscriptionIdentifiersAvailable: boolean
  /** A payload that says it is UTF-8 must be. */
  readonly checkPayloadFormat: boolean
  /** In front of the client id: where a 5.0 client that asks may receive responses. Empty: nobody is told. */
  readonly responseTopicPrefix: string
  /** Another broker for who cannot be served here: this one is full, or shuts down. Empty: none. */
  readonly serverReference: string
  /** All clients are sent to `serverReference` for good. */
  readonly serverMoved: boolean
  /** A client without an identifier is given one. */
  readonly emptyClientIdAllowed: boolean
  readonly assignedClientIdPrefix: string
}

export const defaultProtocol: ProtocolOptions = {
  acceptVersions: [3, 4, 5],
  qosMax: 2,
  retainAvailable: true,
  wildcardSubscriptionAvailable: true,
  sharedSubscriptionAvailable: true,
  subscriptionIdentifiersAvailable: true,
  checkPayloadFormat: false,
  responseTopicPrefix: '',
  serverReference: '',
  serverMoved: false,
  emptyClientIdAllowed: true,
  assignedClientIdPrefix: 'hawser-',
}
