import * as z from 'zod'

export const logPartitionSchema = z.object({
  partition: z.int().min(0).max(65_535),
  start: z.number().describe('The oldest position that can still be read'),
  end: z.number().describe('One past the newest committed position'),
  bytes: z.int().nonnegative(),
})

export const logSchema = z
  .object({
    id: z.string(),
    path: z.string().nullable().describe('null where the log is not in a folder'),
    durability: z.enum(['memory', 'disk', 'quorum']),
    memoryFilters: z.array(z.string()).describe('Topics whose QoS 1 and 2 are kept in memory alone'),
    status: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('open') }),
      z.object({ kind: z.literal('full'), reason: z.string() }),
      z.object({ kind: z.literal('failed'), reason: z.string() }),
      z
        .object({ kind: z.literal('unreachable'), reason: z.string() })
        .describe('A part of it belongs to a process that is silent and cannot be ended'),
    ]),
    bytes: z.int().nonnegative(),
    records: z.object({ appended: z.int().nonnegative(), committed: z.int().nonnegative() }),
    fsyncLatencyMs: z
      .object({ p50: z.number(), p99: z.number() })
      .nullable()
      .describe('Of the last minute; null where nothing was synced'),
    partitions: z.array(logPartitionSchema),
  })
  .meta({ id: 'Log' })

export type LogPartition = z.infer<typeof logPartitionSchema>
export type LogSnapshot = z.infer<typeof logSchema>
