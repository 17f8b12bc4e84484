/** Messages as the body of a webhook: one by itself, or several as an array. */
import type { LogId } from '@hawser/engine'
import { eventId, type Message } from '../connector.ts'
import type { Part } from '../http/http-sink.ts'
import { batchContentType, structuredContentType, structuredEvent } from '../message/cloud-event.ts'
import { messageJson } from '../message/message-json.ts'
import { RecordSource } from '../message/source.ts'
import type { WebhookBody } from './defaults.ts'

export function elementOf(form: WebhookBody, logId: LogId, message: Message, bridgeId: string): Buffer {
  switch (form) {
    case 'json':
      return Buffer.from(messageJson(logId, message))
    case 'cloudevents':
      return structuredEvent(new RecordSource(logId, message), bridgeId)
    default:
      throw form satisfies never
  }
}

const contentTypes = {
  json: { one: 'application/json', several: 'application/json' },
  cloudevents: { one: structuredContentType, several: batchContentType },
} as const satisfies Record<WebhookBody, unknown>

export const contentTypeOf = (form: WebhookBody, isBatch: boolean): string =>
  contentTypes[form][isBatch ? 'several' : 'one']

const [open, comma, close] = ['[', ',', ']'].map((sign) => Buffer.from(sign)) as [Buffer, Buffer, Buffer]

export function bodyOf(parts: readonly Part[], isBatch: boolean): Buffer {
  const elements = parts.flatMap(({ body }, index) => (index === 0 ? [body] : [comma, body]))
  return Buffer.concat(isBatch ? [open, ...elements, close] : elements)
}

/** The same for the same messages, however often they are sent: the receiver knows by it what it has had. */
export function deliveryId(logId: LogId, parts: readonly Part[]): string {
  const [first] = parts
  const last = parts.at(-1)
  if (first === undefined || last === undefined) return ''
  const id = eventId(logId, first.message)
  return first === last ? id : `${id}-${last.message.position}`
}
