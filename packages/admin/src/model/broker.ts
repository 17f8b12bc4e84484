/** What a broker node counts and holds. Counters grow from the start of its process; rates are the reader's. */
import * as z from 'zod'

const count = z.int().nonnegative()

export const countByQosSchema = z.object({ qos0: count, qos1: count, qos2: count })

export const listenerSchema = z.object({
  name: z.string(),
  kind: z.enum(['mqtt', 'mqtts', 'ws', 'wss']),
  host: z.string().describe('Empty for a Unix socket'),
  port: z.int().min(0).max(65_535).describe('0 for a Unix socket'),
  socketPath: z.string().nullable().describe('Of a Unix socket'),
  connections: count.describe('Connected clients'),
  certificateEndsAtMs: z.number().nullable().describe('When the first of its certificates ends; null without TLS'),
})

export const queueSchema = z.object({
  name: z.string().describe('One of a closed set, the same for all clients: never a client id'),
  length: count,
  bytes: count,
  lengthMax: count.nullable().describe('null where the bound is in bytes alone'),
})

export const brokerSchema = z
  .object({
    id: z.string(),
    version: z.string(),
    state: z.enum(['starting', 'running', 'draining', 'stopped']),
    startedAtMs: z.number(),
    uptimeSeconds: z.number().nonnegative(),
    listeners: z.array(listenerSchema),
    connections: z.object({
      now: count,
      total: count.describe('Accepted since the start'),
      max: count.describe('Most at one time since the start'),
      refused: count,
      refusedAtDoor: z.record(z.string(), count).describe('Ended before a word of MQTT was said, by reason'),
    }),
    packets: z.object({ received: count, sent: count }).describe('MQTT packets of every type'),
    bytes: z.object({ received: count, sent: count }),
    publishes: z.object({ received: countByQosSchema, sent: countByQosSchema }),
    publishBytes: z.object({ received: count, sent: count }).describe('Payload bytes of PUBLISH packets'),
    dropped: z.record(z.string(), count).describe('Publishes dropped, by reason'),
    subscriptions: count,
    sessions: z.object({ online: count, offline: count, durable: count }),
    retained: z.object({ count, bytes: count }),
    inflight: count.describe('QoS 1 and 2 deliveries that wait for an acknowledgement'),
    queues: z.array(queueSchema),
  })
  .meta({ id: 'Broker' })

export type CountByQos = z.infer<typeof countByQosSchema>
export type Listener = z.infer<typeof listenerSchema>
export type BrokerQueue = z.infer<typeof queueSchema>
export type Broker = z.infer<typeof brokerSchema>
