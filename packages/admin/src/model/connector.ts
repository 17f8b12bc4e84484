import * as z from 'zod'

export const connectorStates = ['starting', 'running', 'lagging', 'retrying', 'paused', 'failed', 'stopped'] as const

export const ruleSchema = z
  .object({
    name: z.string(),
    matched: z.int().nonnegative(),
    dropped: z.int().nonnegative(),
    failed: z.int().nonnegative().describe('Are dead letters: what the rule says could not be done'),
  })
  .meta({ id: 'ConnectorRule' })

const rateSchema = z.object({ messagesPerSecond: z.number().nonnegative(), bytesPerSecond: z.number().nonnegative() })
const quantilesSchema = z.object({ p50: z.number().nonnegative(), p99: z.number().nonnegative() })

export const connectorStatisticsSchema = z
  .object({
    lastMinute: rateSchema,
    lastFiveMinutes: rateSchema,
    bytes: z.int().nonnegative().describe('Payloads that are done'),
    batches: z
      .object({
        count: z.int().nonnegative(),
        messages: quantilesSchema,
        bytes: quantilesSchema,
        ms: quantilesSchema.describe('How long the sink took'),
      })
      .nullable()
      .describe('Quantiles are of the newest 1,024; null before the first, and with a source, which takes one by one'),
    retries: z.int().nonnegative().describe('How often it began again by itself'),
    errors: z.record(z.string(), z.int().nonnegative()).describe('By code; UNEXPECTED: no error that Hawser knows'),
  })
  .meta({ id: 'ConnectorStatistics', description: 'Since the start of the process' })

export const connectorSchema = z
  .object({
    name: z.string(),
    kind: z.string().describe('postgres, file, kafka, mqtt …'),
    target: z.string().describe('Where it writes, without credentials'),
    state: z.enum(connectorStates),
    lag: z.object({
      messages: z.int().nonnegative(),
      bytes: z.int().nonnegative().nullable(),
      seconds: z.number().nonnegative().nullable().describe('Age of the oldest record not yet written'),
      share: z.number().nonnegative().describe('Of what it may hold back of the log; past 1 its policy applies'),
    }),
    written: z.int().nonnegative(),
    duplicates: z.int().nonnegative().describe('Met again after a restart and not written twice'),
    deadLetters: z.int().nonnegative(),
    dropped: z.int().nonnegative().describe('Left out by rules'),
    lost: z.int().nonnegative().describe('Forgotten by the log before they could be read'),
    rules: z
      .array(ruleSchema)
      .describe('Since the start of the process; under the name unmatched what no rule matched. Without rules none'),
    ratePerSecond: z.number().nonnegative(),
    statistics: connectorStatisticsSchema,
    lastError: z.object({ message: z.string(), atMs: z.number() }).nullable(),
  })
  .meta({ id: 'Connector' })

export const connectorsSchema = z.object({ connectors: z.array(connectorSchema) }).meta({ id: 'Connectors' })

export const connectorNameSchema = z.object({ name: z.string().min(1).max(100) })

/** One of the three says where. */
export const seekCommandSchema = z
  .object({
    to: z.enum(['oldest', 'newest']).optional(),
    time: z.iso.datetime({ offset: true }).optional().describe('The first record that the log took then or later'),
    positions: z
      .array(z.object({ partition: z.int().min(0).max(65_535), position: z.int().nonnegative() }))
      .min(1)
      .max(1_000)
      .optional()
      .describe('Partitions that are not named stay where they are'),
  })
  .refine(
    (value) => Object.values(value).filter((one) => one !== undefined).length === 1,
    'give one of to, time, positions',
  )
  .meta({ id: 'SeekCommand' })

export const deadLettersMax = 1_000

export const deadLetterQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(deadLettersMax).default(100),
})

export const deadLetterSchema = z
  .object({
    eventId: z.string().describe('log / partition / position'),
    topic: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'DeadLetter' })

export const deadLettersSchema = z.object({ deadLetters: z.array(deadLetterSchema) }).meta({ id: 'DeadLetters' })

export const dryRunMax = 100
export const dryRunCharactersMax = 4_096

export const dryRunQuerySchema = z.object({ limit: z.coerce.number().int().min(1).max(dryRunMax).default(10) })

export const dryMessageSchema = z
  .object({
    eventId: z.string().describe('log / partition / position'),
    topic: z.string(),
    outcome: z.enum(['passed', 'dropped', 'failed']),
    rule: z.string().nullable().describe('That decides; unmatched where none does, null without rules'),
    route: z.string().nullable(),
    reason: z.string().nullable().describe('Why it would be a dead letter'),
    payload: z.string().max(dryRunCharactersMax).describe('As the rules leave it, as text, shortened'),
    payloadBytes: z.int().nonnegative(),
  })
  .meta({ id: 'DryMessage' })

export const dryRunSchema = z
  .object({ messages: z.array(dryMessageSchema).describe('The oldest first') })
  .meta({ id: 'DryRun' })

export const replayReportSchema = z
  .object({
    written: z.int().nonnegative().describe('Are in the sink now'),
    refused: z.int().nonnegative().describe('Were refused again'),
    gone: z.int().nonnegative().describe('Are no longer in the log'),
  })
  .meta({ id: 'ReplayReport' })

export type SeekCommand = z.infer<typeof seekCommandSchema>
export type DeadLetterView = z.infer<typeof deadLetterSchema>
export type DryMessageView = z.infer<typeof dryMessageSchema>
export type ReplayReport = z.infer<typeof replayReportSchema>
export type ConnectorState = (typeof connectorStates)[number]
export type ConnectorSnapshot = z.infer<typeof connectorSchema>
