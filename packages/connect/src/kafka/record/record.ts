/** A message as a record of Kafka: topic, key, headers and value, or the reason why it cannot be one. */
import type { LogId } from '@hawser/engine'
import type { Message } from '../../connector.ts'
import { isoMicros } from '../../iso-time.ts'
import { attributesOf, structuredContentType, structuredEvent } from '../../message/cloud-event.ts'
import { RecordSource } from '../../message/source.ts'
import type { Template } from '../../message/template.ts'
import type { ValueMode } from '../defaults.ts'
import { enrich } from './enrich.ts'
import { boundedTopicName } from './topic-name.ts'

export type Headers = Map<Buffer, Buffer>

export interface KafkaRecord {
  readonly topic: string
  readonly key: Buffer
  /** Undefined: a tombstone. */
  readonly value: Buffer | undefined
  readonly headers: Headers
  /** About what it takes in a batch. */
  readonly bytes: number
}

export type RecordOutcome =
  | { readonly kind: 'record'; readonly message: Message; readonly record: KafkaRecord }
  | { readonly kind: 'refused'; readonly message: Message; readonly reason: string }

export interface RecordForm {
  readonly bridgeId: string
  readonly topic: Template
  /** Of what is put into it. */
  readonly escapeTopic: (value: string) => string
  readonly key: Template
  readonly value: ValueMode
  readonly headers: boolean
  /** A retained value that is deleted (an empty retained payload) is a record without value. */
  readonly tombstones: boolean
}

/** Of a record's own head and its lengths. */
const recordOverheadBytes = 24

export function recordOf(form: RecordForm, logId: LogId, message: Message): RecordOutcome {
  const source = new RecordSource(logId, message)
  const refused = (reason: string): RecordOutcome => ({ kind: 'refused', message, reason })
  const named = form.topic(source, form.escapeTopic)
  const topic = named === undefined ? undefined : boundedTopicName(named)
  if (topic === undefined) return refused('no-topic: the message lacks what the template of the topic names')
  const isTombstone = form.tombstones && message.retain && message.payload.length === 0
  const value = isTombstone ? undefined : contentOf(form, source)
  if (value === undefined && !isTombstone) return refused('not-an-object: only a JSON object can be enriched')
  // Without what its template names it is the topic's: order is kept for each topic at least.
  const key = Buffer.from(form.key(source) ?? message.topic)
  const headers = headersOf(form, source)
  let bytes = recordOverheadBytes + key.length + (value?.length ?? 0)
  for (const [name, content] of headers) bytes += name.length + content.length + 4
  return { kind: 'record', message, record: { topic, key, value, headers, bytes } }
}

function contentOf({ value, bridgeId }: RecordForm, source: RecordSource): Buffer | undefined {
  const { payload, topic, ingestedAt } = source.message
  switch (value) {
    case 'raw':
    case 'cloudevents-binary':
      return payload
    case 'enriched': {
      const fields = { mqtt_topic: topic, bridge_timestamp: isoMicros(ingestedAt), bridge_id: bridgeId }
      return enrich(payload, source.json, JSON.stringify(fields))
    }
    case 'cloudevents-structured':
      return structuredEvent(source, bridgeId)
    default:
      throw value satisfies never
  }
}

const headerNames = [
  'content-type',
  'mqtt_topic',
  'mqtt_qos',
  'mqtt_retain',
  'client_id',
  'bridge_id',
  'bridge_timestamp',
  'event_id',
] as const
type HeaderName = (typeof headerNames)[number]

const nameBytes = Object.fromEntries(headerNames.map((name) => [name, Buffer.from(name)])) as Record<HeaderName, Buffer>
const isOurs = (name: string): boolean => name.startsWith('ce_') || (headerNames as readonly string[]).includes(name)

function headersOf(form: RecordForm, source: RecordSource): Headers {
  const headers: Headers = new Map()
  const contentType = form.value === 'cloudevents-structured' ? structuredContentType : source.contentType
  if (form.headers || form.value.startsWith('cloudevents')) {
    headers.set(nameBytes['content-type'], Buffer.from(contentType))
  }
  if (form.value === 'cloudevents-binary') {
    for (const [name, text] of Object.entries(attributesOf(source, form.bridgeId))) {
      headers.set(Buffer.from(`ce_${name}`), Buffer.from(text))
    }
  }
  if (!form.headers) return headers
  contextHeaders(headers, source, form.bridgeId)
  for (const [name, text] of source.properties.userProperties ?? []) {
    // A publisher cannot pass for the bridge.
    headers.set(Buffer.from(isOurs(name) ? `user.${name}` : name), Buffer.from(text))
  }
  return headers
}

/** Where a message comes from. */
export function contextHeaders(headers: Headers, { message, eventId }: RecordSource, bridgeId: string): void {
  headers.set(nameBytes.mqtt_topic, Buffer.from(message.topic))
  headers.set(nameBytes.mqtt_qos, Buffer.from(String(message.qos)))
  headers.set(nameBytes.mqtt_retain, Buffer.from(String(message.retain)))
  headers.set(nameBytes.client_id, Buffer.from(message.clientId))
  headers.set(nameBytes.bridge_id, Buffer.from(bridgeId))
  headers.set(nameBytes.bridge_timestamp, Buffer.from(isoMicros(message.ingestedAt)))
  headers.set(nameBytes.event_id, Buffer.from(eventId))
}
