import * as z from 'zod'

export const partStates = ['starting', 'running', 'backoff', 'stopped', 'failed'] as const

export const partSchema = z
  .object({
    name: z.string(),
    state: z.enum(partStates),
    pid: z.int().nullable(),
    restarts: z.int().nonnegative(),
    sinceMs: z.number().describe('When it came into this state, in milliseconds since the epoch'),
    lastExit: z.string().nullable().describe('Exit code or signal of the last end, and when'),
  })
  .meta({ id: 'Part' })

export type PartState = (typeof partStates)[number]
export type Part = z.infer<typeof partSchema>
