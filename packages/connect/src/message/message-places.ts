/**
 * The places of a message:
 *
 *   topic            the MQTT topic          topic.N      its level N, from 1 on
 *   payload.A.B      a text, number or boolean in a JSON payload
 *   client_id        of the publisher        property.N   a user property of MQTT 5, the first of its name
 *   event_id         the name of the record in the log
 *   qos, retain      as published: 0, 1, 2; true, false
 *   route            where a rule of the connector sends it
 */
import { payloadText } from './payload-place.ts'
import type { RecordSource } from './source.ts'
import type { Place, Places } from './template.ts'

export const messagePlaces: Places<RecordSource> = {
  of: messagePlace,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template's own form
  mend: 'places are ${topic}, ${topic.N}, ${payload.FIELD}, ${client_id}, ${event_id}, ${qos}, ${retain}, ${route} and ${property.NAME}, alternatives parted by |',
}

const plain: Readonly<Record<string, Place<RecordSource>>> = {
  topic: ({ message }) => message.topic,
  event_id: ({ eventId }) => eventId,
  client_id: ({ message }) => message.clientId,
  qos: ({ message }) => String(message.qos),
  retain: ({ message }) => String(message.retain),
  route: ({ message }) => message.route,
}

function messagePlace(name: string): Place<RecordSource> | undefined {
  const dot = name.indexOf('.')
  if (dot < 0) return Object.hasOwn(plain, name) ? plain[name] : undefined
  const [head, rest] = [name.slice(0, dot), name.slice(dot + 1)]
  if (head === 'topic' && /^[1-9]\d*$/.test(rest)) return ({ levels }) => levels[Number(rest) - 1]
  if (rest === '') return undefined
  if (head === 'payload') {
    const path = rest.split('.')
    return ({ json, message }) => payloadText(json, message.payload, path)
  }
  if (head !== 'property') return undefined
  return ({ properties }) => properties.userProperties?.find(([found]) => found === rest)?.[1]
}
