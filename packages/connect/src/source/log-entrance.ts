/** Into a log that no broker has: a record for each message, and the answer once it is durable. */
import { encodeProperties } from '@hawser/codec'
import { appendPublish, type MessageLog, neverExpires, packedSource, publishFlag } from '@hawser/engine'
import type { Clock, SessionNumber } from '@hawser/std'
import type { PublishToLog } from './log-intake.ts'

export interface LogEntrance extends Disposable {
  readonly publish: PublishToLog
}

interface Waiting {
  readonly ticket: number
  readonly resolve: (taken: true) => void
}

/** `clientId` is what the records are by. Until disposed of, it follows the commits of the log. */
export function openLogEntrance(log: MessageLog, clock: Clock, clientId: string): LogEntrance {
  const by = Buffer.from(clientId)
  // Bounded by what the sources have under way. Tickets grow, so the first is due first.
  let waiting: Waiting[] = []
  const following = log.onCommit(({ firstTicket, count }) => {
    if (firstTicket < 0) return
    const due = waiting.findIndex(({ ticket }) => ticket >= firstTicket + count)
    const done = due === -1 ? waiting : waiting.slice(0, due)
    waiting = due === -1 ? [] : waiting.slice(due)
    for (const { resolve } of done) resolve(true)
  })
  return {
    publish({ topic, payload, qos, retain, properties: { messageExpiryInterval, ...properties } }) {
      const flags = qos | (retain ? publishFlag.retain : 0)
      const expiry = messageExpiryInterval ?? neverExpires
      const source = packedSource(topic, encodeProperties(properties), payload)
      const at = clock.wallMicros()
      if (!appendPublish(log, flags, source, by, 0 as SessionNumber, 0, expiry, at)) return Promise.resolve(false)
      if (qos === 0) return Promise.resolve(true)
      return new Promise((resolve) => waiting.push({ ticket: log.lastTicket, resolve }))
    },
    [Symbol.dispose]: () => following[Symbol.dispose](),
  }
}
