/** The state of a running Hawser at one moment: small enough to be sent every second. */
import * as z from 'zod'
import { brokerSchema } from './broker.ts'
import { connectorSchema } from './connector.ts'
import { logSchema } from './log.ts'
import { alarmSchema, machineSchema } from './machine.ts'
import { partSchema } from './part.ts'

/** Bounds of what a snapshot carries; the rest is asked for by page. */
export const snapshotMachinesMax = 200
export const snapshotAlarmsMax = 50

const count = z.int().nonnegative()

export const ledgerSchema = z
  .object({
    acknowledged: count.describe('Publishes that the devices of this run saw acknowledged'),
    recorded: count.describe('Publishes in the log'),
    delivered: count.describe('Deliveries to subscribers and sinks'),
    dropped: z.record(z.string(), count).describe('By reason, over all parts'),
    missing: count.nullable().describe('Acknowledged and not in the log; null where nobody counts'),
  })
  .meta({ id: 'Ledger' })

export const snapshotSchema = z
  .object({
    atMs: z.number(),
    broker: brokerSchema,
    log: logSchema,
    connectors: z.array(connectorSchema),
    parts: z.array(partSchema),
    machines: z.array(machineSchema).max(snapshotMachinesMax),
    machinesTotal: count,
    alarms: z.array(alarmSchema).max(snapshotAlarmsMax).describe('Newest first'),
    ledger: ledgerSchema,
    hints: z.object({
      publishCommand: z.string().describe('A command to paste that publishes a message'),
      dataFolder: z.string().nullable(),
    }),
  })
  .meta({ id: 'Snapshot' })

export type Ledger = z.infer<typeof ledgerSchema>
export type Snapshot = z.infer<typeof snapshotSchema>
