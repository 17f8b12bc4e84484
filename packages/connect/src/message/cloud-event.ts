/** CloudEvents 1.0.2: https://github.com/cloudevents/spec, with its bindings to Kafka and HTTP. */
import { isoMicros } from '../iso-time.ts'
import type { RecordSource } from './source.ts'

export const structuredContentType = 'application/cloudevents+json; charset=UTF-8'
export const batchContentType = 'application/cloudevents-batch+json; charset=UTF-8'
const eventType = 'hawser.mqtt.publish'

interface Attributes {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  readonly time: string
}

/** A URI reference; of the bridge, because the publisher's own name is not to be trusted as one. */
const sourceOf = (bridgeId: string): string => `/hawser/${encodeURIComponent(bridgeId)}`

export const attributesOf = ({ message, eventId }: RecordSource, bridgeId: string): Attributes => ({
  specversion: '1.0',
  id: eventId,
  source: sourceOf(bridgeId),
  type: eventType,
  subject: message.topic,
  time: isoMicros(message.ingestedAt),
})

/** The payload stands in it byte for byte where it is JSON. */
export function structuredEvent(source: RecordSource, bridgeId: string): Buffer {
  const head = JSON.stringify({ ...attributesOf(source, bridgeId), datacontenttype: source.contentType })
  const { payload } = source.message
  if (source.json.kind !== 'json')
    return Buffer.from(`${head.slice(0, -1)},"data_base64":"${payload.toString('base64')}"}`)
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"data":`), payload, Buffer.from('}')])
}
