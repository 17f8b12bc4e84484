import * as z from 'zod'
import { pageQuery } from './page.ts'

export const clientSchema = z
  .object({
    clientId: z.string(),
    username: z.string().nullable(),
    address: z.string(),
    protocol: z.enum(['3.1', '3.1.1', '5.0']),
    connected: z.boolean(),
    connectedAtMs: z.number().nullable(),
    keepAliveSeconds: z.int().nonnegative(),
    cleanStart: z.boolean(),
    subscriptions: z.int().nonnegative(),
    inflight: z.int().nonnegative(),
    sent: z.int().nonnegative().describe('Publishes sent to this client'),
    received: z.int().nonnegative().describe('Publishes received from this client'),
    lagging: z.boolean().describe('It takes messages slower than they come'),
  })
  .meta({ id: 'Client' })

export const clientQuerySchema = pageQuery('Part of the client id, user name or address')

export const clientPageSchema = z
  .object({
    total: z.int().nonnegative(),
    matching: z.int().nonnegative(),
    items: z.array(clientSchema),
  })
  .meta({ id: 'ClientPage' })

export type Client = z.infer<typeof clientSchema>
export type ClientQuery = z.infer<typeof clientQuerySchema>
export type ClientPage = z.infer<typeof clientPageSchema>
