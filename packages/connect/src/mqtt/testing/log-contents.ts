/** All publishes of a log, for tests. */
import { decodeProperties } from '@hawser/codec'
import type { MessageLog } from '@hawser/engine'
import { eventIdOf } from '../../message/event-id.ts'
import { everywhere, readMessages } from '../../runner/message-reader.ts'
import { originOf } from '../origin.ts'

export interface Logged {
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
  readonly eventId: string | undefined
  readonly origin: readonly string[]
}

/** What is published last, at QoS 1 and at QoS 2. */
export const last = ['end-1', 'end-2'] as const

const bounds = { batchMessagesMax: 1_000, batchBytesMax: 1 << 20 }

export async function contents(log: MessageLog): Promise<readonly Logged[]> {
  const found: Logged[] = []
  const { signal } = new AbortController()
  for (const { partition, start, end } of log.partitions()) {
    const whole = { partition, from: start, end }
    for await (const { messages } of readMessages(log, whole, [everywhere('#')], bounds, signal)) {
      for (const { topic, payload, qos, retain, properties } of messages) {
        const { userProperties = [] } = decodeProperties(properties, 0, properties.length)
        const [eventId, origin] = [eventIdOf(userProperties), originOf(userProperties)]
        found.push({ topic, payload: payload.toString(), qos, retain, eventId, origin })
      }
    }
  }
  return found
}
