/** How much of the log a connector holds back, and what is said once that is more than it may. */
import type { Cursor, MessageLog, Partition, Position } from '@hawser/engine'
import { position } from '@hawser/engine'
import type { Connector } from '../connector.ts'
import type { RunnerLimits } from './limits.ts'
import type { Lag } from './view.ts'

/** Told again only after it was below this share in between. */
const calmShare = 0.5

export class Backlog {
  readonly #connector: Connector
  readonly #limits: RunnerLimits
  readonly #tell: (line: string) => void
  #isPast = false

  constructor(connector: Connector, limits: RunnerLimits, tell: (line: string) => void) {
    this.#connector = connector
    this.#limits = limits
    this.#tell = tell
  }

  look({ bytes, backlogShare }: Lag): void {
    if (this.#isPast ? backlogShare >= calmShare : backlogShare <= 1) return
    this.#isPast = !this.#isPast
    const { name, pastBacklog } = this.#connector
    const behind = `${name} is ${bytes} bytes of the log behind`
    if (!this.#isPast) this.#tell(`${behind}: within its backlog again`)
    else if (pastBacklog === 'skip') this.#tell(`${behind}, past its backlog: it loses what the log now forgets`)
    else this.#tell(`${behind}, past its backlog: the log keeps it all the same, until the disk is low`)
  }

  /** What the log may forget. Without a cursor everything counts as needed. */
  floor(log: MessageLog, durable: ReadonlyMap<Partition, Position> | undefined, lag: Lag): Cursor {
    if (this.#connector.pastBacklog !== 'skip' || lag.backlogShare <= 1) return new Map(durable)
    const kept = this.#limits.backlogBytesMax / lag.bytes
    return new Map(
      log.partitions().map(({ partition, start, end }) => {
        const behind = end - Math.max(start, durable?.get(partition) ?? start)
        return [partition, position(Math.ceil(end - behind * kept))]
      }),
    )
  }
}
