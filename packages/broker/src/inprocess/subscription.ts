/**
 * A subscription of this process itself: what is published from now on, once, in the order in which the
 * broker takes it. It is live: whoever must miss nothing connects as a client with a durable session.
 */
import type { Router } from '../router/router.ts'

export interface ReceivedMessage {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

export interface SubscriptionOptions {
  readonly signal?: AbortSignal
  /** Messages that wait for the program. Past it the oldest is dropped, and counted. */
  readonly queueMessagesMax?: number
}

export interface Subscription extends AsyncIterable<ReceivedMessage>, Disposable {
  /** Messages that the program was too slow for. */
  readonly dropped: number
}

const queueMessagesMaxDefault = 1_000

export function subscribeTo(router: Router, filter: string, options: SubscriptionOptions = {}): Subscription {
  const queue = new MessageQueue(options.queueMessagesMax ?? queueMessagesMaxDefault)
  const tap = router.addTap({
    filter,
    // The broker's buffer is valid during the call alone.
    message: (topic, { buffer, payloadStart, payloadEnd, qos, retain }) =>
      queue.push({ topic, payload: Buffer.from(buffer.subarray(payloadStart, payloadEnd)), qos, retain }),
  })
  const end = (): void => {
    tap[Symbol.dispose]()
    options.signal?.removeEventListener('abort', end)
    queue.end()
  }
  if (options.signal?.aborted === true) end()
  else options.signal?.addEventListener('abort', end, { once: true })
  return {
    get dropped() {
      return queue.dropped
    },
    [Symbol.asyncIterator]: () => ({
      next: () => queue.take(),
      return: async () => {
        end()
        return { done: true, value: undefined }
      },
    }),
    [Symbol.dispose]: end,
  }
}

class MessageQueue {
  dropped = 0
  readonly #max: number
  readonly #messages: ReceivedMessage[] = []
  #waiting: ((result: IteratorResult<ReceivedMessage, undefined>) => void)[] = []
  #ended = false

  constructor(max: number) {
    this.#max = max
  }

  push(message: ReceivedMessage): void {
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) return waiting({ done: false, value: message })
    if (this.#messages.length >= this.#max) {
      this.#messages.shift()
      this.dropped++
    }
    this.#messages.push(message)
  }

  /** What has come before the end is still taken. */
  take(): Promise<IteratorResult<ReceivedMessage, undefined>> {
    const message = this.#messages.shift()
    if (message !== undefined) return Promise.resolve({ done: false, value: message })
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  end(): void {
    this.#ended = true
    for (const waiting of this.#waiting) waiting({ done: true, value: undefined })
    this.#waiting = []
  }
}
