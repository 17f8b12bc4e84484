/** What `/api/v1/live` pushes, and the history that a page starts its charts with. */
import * as z from 'zod'
import { snapshotSchema } from './snapshot.ts'

const rate = z.number().nonnegative()

export const ratesSchema = z
  .object({
    receivedPerSecond: rate,
    sentPerSecond: rate,
    recordedPerSecond: rate,
    writtenPerSecond: rate.describe('By all connectors'),
    droppedPerSecond: rate,
    bytesReceivedPerSecond: rate,
    bytesSentPerSecond: rate,
  })
  .meta({ id: 'Rates' })

export const historyPointSchema = z.object({
  atMs: z.number(),
  receivedPerSecond: rate,
  sentPerSecond: rate,
  recordedPerSecond: rate,
  droppedPerSecond: rate,
  connections: rate,
  lagMessages: rate.describe('Of the connector that lags most'),
})

export const historySchema = z.object({ points: z.array(historyPointSchema) }).meta({ id: 'History' })

export const liveMessageSchema = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('frame'),
      sequence: z.int().nonnegative().describe('A gap means that frames were skipped for a slow reader'),
      snapshot: snapshotSchema,
      rates: ratesSchema,
    }),
    z.object({ kind: z.literal('unavailable'), atMs: z.number(), reason: z.string() }),
  ])
  .meta({ id: 'LiveMessage' })

export type Rates = z.infer<typeof ratesSchema>
export type HistoryPoint = z.infer<typeof historyPointSchema>
export type History = z.infer<typeof historySchema>
export type LiveMessage = z.infer<typeof liveMessageSchema>
export type LiveFrame = Extract<LiveMessage, { kind: 'frame' }>
