/** A trace that runs for a while: what it is about, and what it has told so far. */
import * as z from 'zod'

export const traceSecondsMax = 3_600
/** Kept for the reader; the oldest go first, and are counted. */
export const traceEventsMax = 10_000

export const traceCommandSchema = z
  .object({
    clientId: z.string().min(1).max(65_535).optional(),
    address: z.union([z.ipv4(), z.ipv6()]).optional(),
    topicFilter: z.string().min(1).max(65_535).optional().describe('Only publishes whose topic it matches'),
    seconds: z.int().min(1).max(traceSecondsMax).default(600).describe('It ends by itself after so long'),
  })
  .meta({ id: 'TraceCommand' })

export const traceStartedSchema = z.object({ id: z.string(), endsAtMs: z.number() }).meta({ id: 'TraceStarted' })

export const traceReadSchema = z
  .object({ id: z.string(), after: z.int().min(0).default(0).describe('`next` of the last answer') })
  .meta({ id: 'TraceRead' })

export const traceEventSchema = z
  .object({
    atMs: z.number(),
    direction: z.enum(['in', 'out', 'event']).describe('in: from the client'),
    clientId: z.string(),
    address: z.string(),
    what: z.string().describe('PUBLISH, CONNACK, …; of an event its kind'),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
  })
  .meta({ id: 'TraceEvent' })

export const tracePageSchema = z
  .object({
    events: z.array(traceEventSchema),
    next: z.int().nonnegative(),
    dropped: z.int().nonnegative().describe('Events that were gone before they were read'),
    running: z.boolean(),
  })
  .meta({ id: 'TracePage' })

export const traceStopSchema = z.object({ id: z.string() }).meta({ id: 'TraceStop' })

export type TraceCommand = z.infer<typeof traceCommandSchema>
export type TraceStarted = z.infer<typeof traceStartedSchema>
export type TraceRead = z.infer<typeof traceReadSchema>
export type TraceEventShown = z.infer<typeof traceEventSchema>
export type TracePage = z.infer<typeof tracePageSchema>
