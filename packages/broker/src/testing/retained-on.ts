/** Retained messages and subscriptions as values, for tests of what is made of them. */
import { type Partition, type Position, packedSource } from '@hawser/engine'
import type { SessionNumber, SteadyMicros } from '@hawser/std'
import type { RetainedMessage } from '../router/retained-message.ts'
import type { RetainedSteps } from '../router/retained-steps.ts'
import type { SessionSubscription } from '../session/subscription.ts'

export const subscriptionTo = (filter: string): SessionSubscription => ({
  filter,
  qos: 0,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
  since: new Map(),
})

/** Each step of a walk, with what it comes upon. */
export function* stepsOf(steps: RetainedSteps): Generator<RetainedMessage | undefined> {
  while (!steps.over) yield steps.next()
}

export function retainedOn(topic: string, payload = 'value'): RetainedMessage {
  return {
    topic,
    ...packedSource(topic, new Uint8Array(0), Buffer.from(payload)),
    qos: 0,
    order: 0,
    steadyAt: 0 as SteadyMicros,
    messageExpirySeconds: 0xffffffff,
    publisher: 0 as SessionNumber,
    partition: 0 as Partition,
    position: 0 as Position,
  }
}
