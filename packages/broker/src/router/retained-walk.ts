/**
 * What a new subscription has still to be sent of what was retained before it: found as it is wanted, so that neither
 * many messages nor filters that match none of many take memory or a long turn.
 */
import type { Cursor } from '@hawser/engine'
import type { SessionNumber } from '@hawser/std'
import type { SessionSubscription } from '../session/subscription.ts'
import type { RetainedMessages } from './retained.ts'
import type { RetainedMessage } from './retained-message.ts'
import type { RetainedSteps } from './retained-steps.ts'

export class RetainedWalk {
  readonly #subscriber: SessionNumber
  readonly #retained: RetainedMessages
  #subscription: SessionSubscription
  #before: Cursor
  #steps: RetainedSteps
  /** How often all is to be sent after this time. */
  #rounds = 0
  /** Stays until it is taken. */
  found: RetainedMessage | undefined
  over = false

  /** `before`: where each partition of the log ended at the subscription; what came later comes from the log. */
  constructor(
    subscriber: SessionNumber,
    subscription: SessionSubscription,
    retained: RetainedMessages,
    before: Cursor,
  ) {
    this.#subscriber = subscriber
    this.#retained = retained
    this.#subscription = subscription
    this.#before = before
    this.#steps = retained.match(subscription.filter)
  }

  get subscription(): SessionSubscription {
    return this.#subscription
  }

  /** The client has subscribed to the same filter again: it gets all once more. */
  repeat(subscription: SessionSubscription, before: Cursor): void {
    this.#subscription = subscription
    this.#before = before
    this.#rounds++
  }

  /** Goes on to a message, to the end, or for so many steps; answers how many it took. */
  advance(stepsMax: number): number {
    let steps = 0
    while (this.found === undefined && !this.over && steps < stepsMax) {
      const message = this.#steps.next()
      steps++
      if (message !== undefined && this.#isWanted(message)) this.found = message
      else if (this.#steps.over) this.#endRound()
    }
    return steps
  }

  take(): void {
    this.found = undefined
  }

  #endRound(): void {
    if (this.#rounds === 0) {
      this.over = true
      return
    }
    this.#rounds--
    this.#steps = this.#retained.match(this.#subscription.filter)
  }

  #isWanted({ publisher, partition, position }: RetainedMessage): boolean {
    if (this.#subscription.noLocal && publisher === this.#subscriber) return false
    return position < (this.#before.get(partition) ?? Number.POSITIVE_INFINITY)
  }
}
