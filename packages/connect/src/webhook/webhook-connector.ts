/** Every message that matches as a POST to a URL, alone or with others, signed by the scheme of Standard Webhooks. */
import type { StateStore } from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'
import type { Connector } from '../connector.ts'
import { type HttpTarget, httpUrl } from '../http/client.ts'
import { httpConnector } from '../http/http-connector.ts'
import type { HttpForm } from '../http/http-sink.ts'
import { bodyOf, contentTypeOf, deliveryId, elementOf } from './body.ts'
import { type WebhookBody, webhookDefaults } from './defaults.ts'
import { keyOf, signatureHeaders } from './signature.ts'

export interface WebhookOptions {
  readonly name: string
  readonly filters: readonly string[]
  readonly begin: Connector['begin']
  readonly state: StateStore
  readonly clock: Clock
  readonly url: string
  readonly body: WebhookBody
  /** 1: each message by itself, not in an array. */
  readonly requestMessagesMax: number
  readonly requestBytesMax: number
  readonly inFlightMax: number
  readonly requestMsMax: number
  /** One, or two while they change; none: unsigned. */
  readonly secrets: readonly string[]
  readonly bearerToken?: string
  readonly headers: Readonly<Record<string, string>>
  readonly tls?: NonNullable<HttpTarget['tls']>
  readonly bridgeId: string
}

export type WebhookConnectorOptions = Pick<WebhookOptions, 'filters' | 'state' | 'clock' | 'url'> &
  Partial<WebhookOptions>

const defaults = { name: 'webhook', begin: 'oldest', secrets: [], headers: {}, ...webhookDefaults } as const

/** So many messages are held at a time. */
const batchMessagesMax = 500

/** Throws `CONFIG_INVALID` where URL or secrets cannot be used. */
export function webhookConnector(given: WebhookConnectorOptions): Connector {
  const options: WebhookOptions = { ...defaults, ...given }
  const { name, filters, begin, state, clock, tls, requestMsMax } = options
  const { requestMessagesMax, requestBytesMax, inFlightMax } = options
  const url = httpUrl(options.url, 'a webhook', 'give a token by file or environment')
  return httpConnector({
    ...{ name, kind: 'webhook', filters, begin, state, clock },
    target: { url, requestMsMax: milliseconds(requestMsMax), ...(tls === undefined ? {} : { tls }) },
    form: formOf(options),
    bounds: { requestMessagesMax, requestBytesMax, inFlightMax },
    limits: { batchMessagesMax: Math.max(batchMessagesMax, requestMessagesMax), batchBytesMax: 4 << 20 },
  })
}

function formOf(options: WebhookOptions): HttpForm {
  const { body, bridgeId, clock, requestMessagesMax, bearerToken } = options
  const keys = options.secrets.map(keyOf)
  const isBatch = requestMessagesMax > 1
  const headers = {
    ...options.headers,
    ...(bearerToken === undefined ? {} : { authorization: `Bearer ${bearerToken}` }),
    'content-type': contentTypeOf(body, isBatch),
    'user-agent': 'hawser',
  }
  return {
    part: (logId, message) => ({ message, body: elementOf(body, logId, message, bridgeId) }),
    request: (logId, parts) => {
      const content = bodyOf(parts, isBatch)
      const seconds = Math.floor(clock.wallMicros() / 1e6)
      return {
        headers: { ...headers, ...signatureHeaders(keys, deliveryId(logId, parts), seconds, content) },
        body: content,
      }
    },
  }
}
