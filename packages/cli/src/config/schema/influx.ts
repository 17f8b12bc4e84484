/** A connector into InfluxDB, or into what takes its line protocol over HTTP. */
import { influxDefaults as defaults, numberForms } from '@hawser/connect/influx/defaults'
import { timeFormats } from '@hawser/streams'
import * as z from 'zod'
import { loginWhole, secret, tls } from './connection.ts'
import { reader } from './reader.ts'
import { count, positive, setting, text } from './setting.ts'

export const influxConnector = z
  .strictObject({
    kind: z.literal('influx'),
    ...reader,
    url: z
      .string()
      .regex(/^https?:\/\/[^\s@?]+$/, 'a URL begins with https:// or http://, without a user in it')
      .meta({ description: 'of the server, without the path of its API' }),
    database: setting(text, undefined, 'of InfluxDB 1; or bucket'),
    retention_policy: setting(text, undefined, 'of InfluxDB 1; none: its default'),
    bucket: setting(text, undefined, 'of InfluxDB 2 and 3; or database'),
    organization: setting(text, undefined, 'of InfluxDB 2'),
    token: secret.optional().meta({ description: 'sent as Authorization: Token' }),
    username: setting(text, undefined, 'with password, in place of a token'),
    password: secret.optional().meta({ description: 'of username' }),
    measurement: setting(text, defaults.measurement, 'template'),
    tags: setting(z.array(text), defaults.tags, 'each name=TEMPLATE; one without a value is left out'),
    fields: setting(z.array(text).min(1), defaults.fields, 'each *, name=TEMPLATE or name:type=TEMPLATE'),
    numbers: setting(z.enum(numberForms), defaults.numbers, 'all of them floats, or 20 an integer and 20.0 a float'),
    time: setting(text, undefined, 'path of the time in the payload; none: when the log took the message'),
    time_format: setting(z.enum(timeFormats), defaults.timeFormat, 'of that'),
    gzip: setting(z.boolean(), defaults.gzip, 'bodies are compressed'),
    request_messages_max: setting(positive, defaults.requestMessagesMax, 'of a request'),
    request_bytes_max: setting(positive, defaults.requestBytesMax, 'of a request, before it is compressed'),
    in_flight_max: setting(
      positive,
      defaults.inFlightMax,
      'requests at a time; those of one topic go one after another',
    ),
    request_ms_max: setting(positive, defaults.requestMsMax, 'past it a request counts as failed'),
    linger_ms: setting(count, defaults.lingerMs, '0 for latency; more for larger requests'),
    tls: tls.optional().meta({ description: 'for https: whom it trusts, who it is' }),
  })
  .refine(({ database, bucket }) => (database === undefined) !== (bucket === undefined), 'give one of database, bucket')
  .refine(...loginWhole)
  .refine(({ token, username }) => token === undefined || username === undefined, 'give one of token, username')
  .meta({ description: 'points in InfluxDB: docs/influx.md' })
