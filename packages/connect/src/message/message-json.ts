/** One message as one JSON object, without a line break. */
import { isUtf8 } from 'node:buffer'
import type { LogId } from '@hawser/engine'
import { eventId, type Message } from '../connector.ts'
import { isoMicros } from '../iso-time.ts'
import { strictJson } from '../strict-json.ts'

/**
 * The payload stands under `payload` where it is strict JSON, byte for byte but for line breaks between tokens; under
 * `payload_text` where it is other UTF-8; under `payload_base64` where it is neither.
 */
export function messageJson(logId: LogId, message: Message): string {
  const head = JSON.stringify({
    event_id: eventId(logId, message),
    ingested_at: isoMicros(message.ingestedAt),
    topic: message.topic,
    qos: message.qos,
    retain: message.retain,
    client_id: message.clientId,
  })
  return `${head.slice(0, -1)},${payloadMember(message.payload)}}`
}

function payloadMember(payload: Buffer): string {
  // Strict JSON has no line break within a string, so those that are there stand between tokens.
  const json = strictJson(payload)
  if (json.kind === 'json') return `"payload":${json.text.replace(/[\r\n]/g, ' ')}`
  if (isUtf8(payload)) return `"payload_text":${JSON.stringify(payload.toString('utf8'))}`
  return `"payload_base64":"${payload.toString('base64')}"`
}
