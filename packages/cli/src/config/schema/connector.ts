/** Each kind of reader of the log. */
import * as z from 'zod'
import { connectorDefaults } from '../configuration.ts'
import { influxConnector } from './influx.ts'
import { kafkaConnector, kafkaSource } from './kafka.ts'
import { mqttConnector } from './mqtt-connector.ts'
import { postgresConnector } from './postgres.ts'
import { reader } from './reader.ts'
import { positive, setting, text } from './setting.ts'
import { sparkplugConnector } from './sparkplug.ts'
import { webhookConnector } from './webhook.ts'

const fileConnector = z
  .strictObject({
    kind: z.literal('file'),
    ...reader,
    folder: setting(text, connectorDefaults.file.folder, 'where the files go; below the data folder unless absolute'),
    file_bytes_max: setting(
      positive,
      connectorDefaults.file.fileBytesMax,
      'a file is closed and compressed past this size',
    ),
    file_seconds_max: setting(positive, connectorDefaults.file.fileSecondsMax, 'or past this age'),
    files_max: setting(positive, connectorDefaults.file.filesMax, 'the oldest is removed past this count'),
  })
  .meta({ description: 'rotating NDJSON files' })

export const connector = z.discriminatedUnion('kind', [
  fileConnector,
  postgresConnector,
  kafkaConnector,
  kafkaSource,
  webhookConnector,
  influxConnector,
  sparkplugConnector,
  mqttConnector,
])
