/** What a record of Kafka becomes in the log. */
import { checkTopicName, type Properties } from '@hawser/codec'
import type { LogId } from '@hawser/engine'
import type { Template } from '../../message/template.ts'
import type { Incoming, PassedOver } from '../../source/source.ts'
import type { RecordView } from './record-places.ts'

export interface IncomingForm {
  readonly topic: Template<RecordView>
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** Whether headers go along as user properties. */
  readonly headers: boolean
}

export type Read = { readonly kind: 'message'; readonly message: Incoming } | PassedOver

/** As a sink of ours names it: kept, so that a record is one event wherever it goes. */
const eventIdHeader = 'event_id'
const contentTypeHeader = 'content-type'

/** `topicId` is Kafka's own: a topic that is made anew under a name is another one. */
export function incomingOf(form: IncomingForm, logId: LogId, topicId: string, view: RecordView): Read {
  const { record, payload, headers } = view
  const eventId = headers.get(eventIdHeader) ?? `${topicId}/${record.partition}/${record.offset}`
  // It has come from this very log.
  if (eventId.startsWith(`${logId}/`)) return { kind: 'duplicate' }
  const topic = form.topic(view, asLevels)
  const where = `${record.topic}/${record.partition}/${record.offset}`
  if (topic === undefined) return refused(`${where}: a place of its topic has no value`)
  const bytes = Buffer.from(topic)
  const wrong = topic.startsWith('$') ? '$ is for the broker' : checkTopicName(bytes, 0, bytes.length)?.message
  if (wrong !== undefined) return refused(`${where}: ${topic} is no topic: ${wrong}`)
  const { qos, retain } = form
  const properties = form.headers ? propertiesOf(headers) : {}
  return { kind: 'message', message: { topic, payload, qos, retain, properties, eventId } }
}

const refused = (reason: string): PassedOver => ({ kind: 'refused', reason })

/** What is put in may bring levels, and no wildcard. */
const asLevels = (value: string): string => value.replace(/[+#\0]/g, encodeURIComponent)

function propertiesOf(headers: ReadonlyMap<string, string>): Properties {
  const contentType = headers.get(contentTypeHeader)
  const userProperties = [...headers].filter(([name]) => name !== contentTypeHeader && name !== eventIdHeader)
  return { userProperties, ...(contentType === undefined ? {} : { contentType }) }
}
