/** All publishes of a log, for tests. */
import type { MessageLog } from '@hawser/engine'
import { eventIdOf } from '../../message/event-id.ts'
import { publishesIn } from '../../testing/publishes-in.ts'
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

export async function contents(log: MessageLog): Promise<readonly Logged[]> {
  return (await publishesIn(log)).map(({ topic, payload, qos, retain, userProperties }) => ({
    ...{ topic, payload: payload.toString(), qos, retain },
    ...{ eventId: eventIdOf(userProperties), origin: originOf(userProperties) },
  }))
}
