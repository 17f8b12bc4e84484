/** All publishes of a log, partition by partition and in order, for tests. */
import { decodeProperties } from '@hawser/codec'
import type { MessageLog } from '@hawser/engine'
import type { Message } from '../connector.ts'
import type { UserProperties } from '../message/event-id.ts'
import { everywhere, readMessages } from '../runner/message-reader.ts'

const bounds = { batchMessagesMax: 1_000, batchBytesMax: 1 << 20 }

export async function publishesIn(
  log: MessageLog,
): Promise<readonly (Message & { readonly userProperties: UserProperties })[]> {
  const found: (Message & { readonly userProperties: UserProperties })[] = []
  const { signal } = new AbortController()
  for (const { partition, start, end } of log.partitions()) {
    const whole = { partition, from: start, end }
    for await (const { messages } of readMessages(log, whole, [everywhere('#')], bounds, signal)) {
      for (const message of messages) {
        const { userProperties = [] } = decodeProperties(message.properties, 0, message.properties.length)
        found.push({ ...message, userProperties })
      }
    }
  }
  return found
}
