import * as z from 'zod'
import { brokerSchema, listenerSchema } from './broker.ts'

export const healthCheckSchema = z.object({
  part: z.string().describe('broker, log, connector:NAME or part:NAME'),
  ok: z.boolean(),
  detail: z.string(),
})

export const healthSchema = z
  .object({
    ok: z.boolean(),
    checks: z.array(healthCheckSchema),
  })
  .meta({ id: 'Health' })

export const livenessSchema = z.object({ ok: z.literal(true) }).meta({ id: 'Liveness' })

export const brokersSchema = z.object({ brokers: z.array(brokerSchema) }).meta({ id: 'Brokers' })

export const tcpCheckSchema = z
  .object({
    ok: z.boolean(),
    listeners: z.array(
      listenerSchema.omit({ connections: true, certificateEndsAtMs: true }).extend({
        ok: z.boolean(),
        latencyMs: z.number().nullable(),
        error: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'TcpCheck' })

export type HealthCheck = z.infer<typeof healthCheckSchema>
export type Health = z.infer<typeof healthSchema>
export type Liveness = z.infer<typeof livenessSchema>
export type Brokers = z.infer<typeof brokersSchema>
export type TcpCheck = z.infer<typeof tcpCheckSchema>
