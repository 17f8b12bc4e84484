/** What a running Hawser can be told. Each of these needs the token. */
import * as z from 'zod'

/** As UTF-8 or base64 text; larger messages go over MQTT. */
export const publishPayloadCharactersMax = 128 * 1024

/** [MQTT-4.7.3-1], [MQTT-3.3.2-2]: at least one character, no wildcard, no U+0000. */
const topicName = z
  .string()
  .min(1)
  .max(65_535)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is what the specification forbids
  .regex(/^[^+#\u0000]+$/, 'a topic name has no +, # or U+0000')

export const publishCommandSchema = z
  .object({
    topic: topicName,
    payload: z.string().max(publishPayloadCharactersMax),
    encoding: z.enum(['utf8', 'base64']).default('utf8'),
    qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(1),
    retain: z.boolean().default(false),
  })
  .meta({ id: 'PublishCommand' })

export const publishReceiptSchema = z
  .object({ recorded: z.boolean().describe('The log has it on disk; always so for QoS 1 and 2') })
  .meta({ id: 'PublishReceipt' })

const drainRateMax = 10_000

export const drainCommandSchema = z
  .object({ rate: z.int().positive().max(drainRateMax).default(100).describe('Clients a second') })
  .meta({ id: 'DrainCommand' })

export const kickCommandSchema = z.object({ clientId: z.string().min(1).max(65_535) }).meta({ id: 'KickCommand' })

export const machineHistoryQuerySchema = z.object({
  machine: z.string().min(1).max(1000),
  windows: z.coerce.number().int().min(1).max(500).default(60),
})

export const doneSchema = z.object({ done: z.literal(true) }).meta({ id: 'Done' })

export type PublishCommand = z.infer<typeof publishCommandSchema>
export type PublishReceipt = z.infer<typeof publishReceiptSchema>
export type KickCommand = z.infer<typeof kickCommandSchema>
export type MachineHistoryQuery = z.infer<typeof machineHistoryQuerySchema>
