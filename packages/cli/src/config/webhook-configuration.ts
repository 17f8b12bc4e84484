/** What the file says of a webhook. */
import type { ConfigurationReader } from './configuration.ts'
import type { ConfigurationSecret, ConfigurationTls } from './connection-configuration.ts'

export const webhookBodies = ['json', 'cloudevents'] as const

export interface ConfigurationWebhook extends ConfigurationReader {
  readonly kind: 'webhook'
  readonly url: string
  readonly body: (typeof webhookBodies)[number]
  readonly bridgeId: string
  readonly requestMessagesMax: number
  readonly requestBytesMax: number
  readonly inFlightMax: number
  readonly requestMsMax: number
  readonly secret?: ConfigurationSecret | undefined
  readonly nextSecret?: ConfigurationSecret | undefined
  readonly token?: ConfigurationSecret | undefined
  /** Each `name: value`. */
  readonly headers: readonly string[]
  readonly tls?: ConfigurationTls | undefined
}

export const webhookDefaults = {
  body: 'json',
  bridgeId: 'hawser',
  requestMessagesMax: 1,
  requestBytesMax: 1 << 20,
  inFlightMax: 4,
  requestMsMax: 15_000,
  headers: [],
} as const satisfies Partial<ConfigurationWebhook>
