/** Many connections that are opened, may subscribe, and then do nothing. */
import { connectAll } from './connect-all.ts'
import { IdleConnection } from './connection.ts'
import { type Counts, Histogram } from './count/histogram.ts'
import type { Qos } from './job.ts'
import type { Target } from './target.ts'
import { nowMs } from './time.ts'

export interface HoldJob {
  readonly target: Target
  readonly prefix: string
  readonly connections: number
  /** Their numbers begin with this. */
  readonly first?: number
  /** Each subscribes to a topic of its own. */
  readonly subscribes?: { readonly qos: Qos }
}

export interface HeldConnections extends Disposable {
  readonly openedPerSecond: number
  /** From the opening of the socket to the CONNACK. */
  readonly connecting: Counts
  /** From SUBSCRIBE to SUBACK. */
  readonly subscribing: Counts
  /** How many the broker has closed since. */
  readonly closed: () => number
}

/** One that is refused, or closed before all are open, fails the whole. */
export async function holdConnections({
  target,
  prefix,
  connections,
  first = 0,
  subscribes,
}: HoldJob): Promise<HeldConnections> {
  const connecting = new Histogram()
  const subscribing = new Histogram()
  const opened: IdleConnection[] = []
  const startedMs = nowMs()
  let closed = 0
  const numbers = Array.from({ length: connections }, (_, index) => first + index)
  await connectAll(numbers, async (index) => {
    const openingMs = nowMs()
    const connection = new IdleConnection({ target, index, onClosed: () => closed++ })
    opened.push(connection)
    await connection.open(`${prefix}-idle-${index}`)
    connecting.addMs(nowMs() - openingMs)
    if (subscribes !== undefined) {
      const askingMs = nowMs()
      await connection.subscribe(`${prefix}/${index}`, subscribes.qos)
      subscribing.addMs(nowMs() - askingMs)
    }
    if (closed > 0) throw new Error(`the broker closed an idle connection, ${opened.length} were open`)
  })
  return {
    openedPerSecond: (connections * 1000) / (nowMs() - startedMs),
    connecting: connecting.counts(),
    subscribing: subscribing.counts(),
    closed: () => closed,
    [Symbol.dispose]() {
      for (const connection of opened) connection.close()
    },
  }
}
