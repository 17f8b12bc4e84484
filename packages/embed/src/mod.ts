/** A broker inside a program of your own. */
export type {
  AccessAction,
  AccessControl,
  AttachOptions,
  Broker,
  BrokerEvent,
  BrokerStats,
  Candidate,
  ClientInfo,
  ClientReference,
  Identity,
  Limits,
  ListenerOptions,
  LocalPublish,
  PublishAttempt,
  PublishVerdict,
  ReceivedMessage,
  SubscribeVerdict,
  Subscription,
  SubscriptionOptions,
  Tap,
  TapMessage,
} from '@hawser/broker'
export { HawserError, type HawserErrorCode } from '@hawser/std'
export { createBroker, type EmbedOptions } from './create-broker.ts'
export type { EmbedHooks, Login } from './hooks.ts'
