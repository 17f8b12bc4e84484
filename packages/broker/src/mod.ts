/** The broker: bytes in, bytes out. It knows no engine, connector or method of authentication by name. */
export {
  type AccessAction,
  type AccessControl,
  type AccessRule,
  type Authentication,
  type AuthenticationExchange,
  type AuthenticationResult,
  accessActions,
  allowAll,
  anonymousIdentity,
  authenticationResults,
  badCredentials,
  type Candidate,
  type ClientCertificate,
  type ExchangeStep,
  type Identity,
  refused,
} from './access.ts'
export { addressBlock, type Ban, type BanKind, type BanTarget, banKinds } from './bans/ban.ts'
export type { Bans } from './bans/enforce.ts'
export { createBroker } from './broker.ts'
export type { Counters } from './counters.ts'
export type { ReloadAnswer } from './doors.ts'
export type { BrokerEvent, BrokerEventListener, ClientReference } from './events.ts'
export type { Hooks, PublishAttempt, PublishVerdict, SubscribeVerdict } from './hooks.ts'
export type { LocalPublish } from './inprocess/publish.ts'
export type { ReceivedMessage, Subscription, SubscriptionOptions } from './inprocess/subscription.ts'
export { type DescribedLimit, describedLimits, otherRefusals } from './limits/described.ts'
export { defaultLimits, type Limits, type ListenerLimitName, listenerLimitNames } from './limits/limits.ts'
export { type RefusalReason, refusalReasons, refusals } from './limits/refusals.ts'
export { type MessageClass, messageClasses } from './measure/accounts.ts'
export { type AccountFigures, type Imbalance, imbalances } from './measure/balance.ts'
export { type DropReason, dropReasons } from './measure/drop-reasons.ts'
export type { HistogramSnapshot } from './measure/histogram.ts'
export { type LatencyName, latencyNames } from './measure/latencies.ts'
export type { ReasonCount, ReasonedPacket } from './measure/reason-counts.ts'
export type { BrokerStats, ClientInfo, ListenerInfo } from './observe.ts'
export type { Broker, BrokerOptions } from './options.ts'
export { defaultProtocol, type ProtocolOptions } from './protocol/options.ts'
export type { Tap, TapMessage } from './router/route.ts'
export type { SharedOptions } from './shared/groups.ts'
export { type SharedStrategy, sharedStrategies } from './shared/strategy.ts'
export type { TraceDetails, TraceEvent } from './trace/trace-event.ts'
export type { TraceListener, TraceSelection } from './trace/traces.ts'
export type { AttachOptions } from './transport/attached-door.ts'
export { type DoorRefusal, doorRefusals } from './transport/door-refusals.ts'
export {
  type ClientCertificateMode,
  clientCertificateModes,
  type ListenerAddress,
  type ListenerOptions,
  type ListenerProtocol,
  type ListenerRules,
  type ProxyProtocolOptions,
  protocols,
  type ServerCertificate,
  type TlsOptions,
  tlsVersions,
  type WebSocketOptions,
} from './transport/listener-options.ts'
export type { Listener, Transport, TransportHandler, Writer as TransportWriter } from './transport/transport.ts'
