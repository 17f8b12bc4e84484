import * as z from 'zod'

export const connectorStates = ['starting', 'running', 'retrying', 'paused', 'failed', 'stopped'] as const

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
    }),
    written: z.int().nonnegative(),
    duplicates: z.int().nonnegative().describe('Met again after a restart and not written twice'),
    deadLetters: z.int().nonnegative(),
    ratePerSecond: z.number().nonnegative(),
    lastError: z.object({ message: z.string(), atMs: z.number() }).nullable(),
  })
  .meta({ id: 'Connector' })

export type ConnectorState = (typeof connectorStates)[number]
export type ConnectorSnapshot = z.infer<typeof connectorSchema>
