/** What the file says of a webhook. */
import type { WebhookBody } from '@hawser/connect/webhook/defaults'
import type { ConfigurationReader } from './configuration.ts'
import type { ConfigurationSecret, ConfigurationTls } from './connection-configuration.ts'

export interface ConfigurationWebhook extends ConfigurationReader {
  readonly kind: 'webhook'
  readonly url: string
  readonly body: WebhookBody
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
