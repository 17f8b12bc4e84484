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
import { type Places, placesBy } from './places.ts'
import type { RecordSource } from './source.ts'

export const messagePlaces: Places<RecordSource> = placesBy(
  {
    topic: ({ message }) => message.topic,
    event_id: ({ eventId }) => eventId,
    client_id: ({ message }) => message.clientId,
    qos: ({ message }) => String(message.qos),
    retain: ({ message }) => String(message.retain),
    route: ({ message }) => message.route,
  },
  {
    topic: (level) => (/^[1-9]\d*$/.test(level) ? ({ levels }) => levels[Number(level) - 1] : undefined),
    payload(fields) {
      const path = fields.split('.')
      return ({ json, message }) => payloadText(json, message.payload, path)
    },
    property:
      (name) =>
      ({ properties }) =>
        properties.userProperties?.find(([found]) => found === name)?.[1],
  },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template's own form
  'places are ${topic}, ${topic.N}, ${payload.FIELD}, ${client_id}, ${event_id}, ${qos}, ${retain}, ${route} and ${property.NAME}, alternatives parted by |',
)
