/** What every reader of the log may be told. */
import * as z from 'zod'
import { connectorDefaults } from '../configuration.ts'
import { rules, samples } from './rules.ts'
import { positive, setting, text } from './setting.ts'

export const connectorName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name is lower-case letters, digits and hyphens')
  .meta({ description: 'names its cursor, or its group: under another name it starts anew' })

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
  rules: rules
    .optional()
    .meta({ description: 'what becomes of messages, the first that matches decides: docs/rules.md' }),
  unmatched: setting(
    z.enum(['pass', 'drop']),
    connectorDefaults.reader.unmatched,
    'what becomes of messages that no rule matches',
  ),
  samples: samples.optional().meta({ description: 'messages that `hawser connector test` tries the rules with' }),
}
