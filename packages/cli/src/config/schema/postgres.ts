/** A connector into PostgreSQL, or into the embedded database. */
import { columnsMax, columnTypes, identifierPattern, tableFault } from '@hawser/connect/postgres/table'
import { timeFormats } from '@hawser/streams'
import * as z from 'zod'
import { secret, tls } from './connection.ts'
import { reader } from './reader.ts'
import { count, positive, setting, text } from './setting.ts'

const identifier = z
  .string()
  .regex(identifierPattern, 'a name is lower-case letters, digits and underscores, 48 at most')

const column = z.strictObject({
  name: identifier,
  type: z.enum(columnTypes),
  path: setting(
    z.string(),
    undefined,
    'of the field in the payload: a.b.0, or a JSON Pointer; empty: the whole payload',
  ),
  topic_level: setting(count, undefined, 'in place of path: a level of the topic, counted from 0'),
  coerce: setting(z.boolean(), false, 'numbers, truth values and times may be written as text'),
  min: setting(z.number(), undefined, 'a smaller number is kept and flagged'),
  max: setting(z.number(), undefined, 'a greater number is kept and flagged'),
  unit: setting(text, undefined, 'becomes the comment of the column'),
  time_format: setting(z.enum(timeFormats), 'iso8601', 'of a timestamptz'),
  zone: setting(text, 'UTC', 'of a time that is written without one'),
})

const table = z
  .strictObject({
    name: identifier.meta({ description: 'in the schema hawser' }),
    columns: z.array(column).min(1).max(columnsMax),
    partition_hours: setting(positive, undefined, 'in partitions of so many hours of ingest time; none: one table'),
    retention_hours: setting(positive, undefined, 'older partitions are dropped; none: none is'),
  })
  .superRefine(({ columns, partition_hours: partitionHours, retention_hours: retentionHours }, context) => {
    const named = columns.map(({ topic_level: topicLevel, time_format: timeFormat, ...same }) => ({
      ...same,
      topicLevel,
      timeFormat,
    }))
    const message = tableFault({ columns: named, partitionHours, retentionHours })
    if (message !== undefined) context.addIssue({ code: 'custom', message, path: ['columns'] })
  })

const raw = z
  .strictObject({
    partition_hours: positive.meta({ description: 'in partitions of so many hours of ingest time' }),
    retention_hours: setting(positive, undefined, 'older partitions are dropped; none: none is'),
  })
  .refine(
    ({ partition_hours: partition, retention_hours: retention }) => retention === undefined || retention >= partition,
    { path: ['retention_hours'], message: 'retention_hours is no less than partition_hours' },
  )

/** Of a database. */
export const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, 'a URL begins with postgres://')

export const postgresConnector = z
  .strictObject({
    kind: z.literal('postgres'),
    ...reader,
    url: setting(
      postgresUrl,
      undefined,
      'postgres://user:password@host:port/database; without it the embedded database in the data folder',
    ),
    password: secret.optional().meta({ description: 'of the user in url' }),
    tls: tls.optional().meta({ description: 'whom it trusts, who it is; without it what url says in sslmode' }),
    raw: raw.optional().meta({ description: 'of raw telemetry, which is one table for all connectors of a database' }),
    table: table.optional().meta({
      description: 'fills this table with typed columns, in place of raw telemetry and KPIs: docs/postgres.md',
    }),
  })
  .refine(
    ({ url, password, tls }) => url !== undefined || (password === undefined && tls === undefined),
    'password and tls are of a url',
  )
  .refine(({ raw, table }) => raw === undefined || table === undefined, {
    path: ['raw'],
    message: 'a connector with a table fills no raw telemetry: say it in table',
  })
  .meta({ description: 'raw telemetry, KPI windows and alarms in PostgreSQL, or a table with typed columns' })
