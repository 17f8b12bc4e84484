/** Each kind of reader of the log. */
import * as z from 'zod'
import { connectorDefaults } from '../configuration.ts'
import { positive, setting, text } from './setting.ts'

const connectorName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name is lower-case letters, digits and hyphens')
  .meta({ description: 'names its cursor: under another name it starts anew' })

/** What every connector may be told. */
export const reader = {
  name: connectorName,
  filters: setting(z.array(text).min(1), connectorDefaults.reader.filters, 'topic filters of what it takes'),
  begin: setting(
    z.enum(['oldest', 'newest']),
    connectorDefaults.reader.begin,
    'where it begins in a log that it has never read',
  ),
  backlog_bytes_max: setting(
    positive,
    connectorDefaults.reader.backlogBytesMax,
    'how much of the log it may hold back; past it a warning is logged',
  ),
  past_backlog: setting(
    z.enum(['hold', 'skip']),
    connectorDefaults.reader.pastBacklog,
    'past that: hold, and the log keeps all until the disk is low; or skip, and what the log forgets is counted as lost',
  ),
}

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

const postgresConnector = z
  .strictObject({
    kind: z.literal('postgres'),
    ...reader,
    url: setting(
      z.string().regex(/^postgres(ql)?:\/\//, 'a URL begins with postgres://'),
      undefined,
      'postgres://user:password@host:port/database; without it the embedded database in the data folder',
    ),
  })
  .meta({ description: 'raw telemetry, KPI windows and alarms in PostgreSQL' })

export const connector = z.discriminatedUnion('kind', [fileConnector, postgresConnector])
