/** The counters of one connector. */
import type { MessageLog, PartitionRange } from '@hawser/engine'
import type { Clock, EpochMicros } from '@hawser/std'
import type { Message, WriteOutcome } from '../connector.ts'
import { errorLine } from './error-line.ts'
import type { SinkCursor } from './sink-cursor.ts'
import { Statistics } from './statistics/statistics.ts'
import type { Lag } from './view.ts'

export class Figures {
  written = 0
  duplicates = 0
  deadLetters = 0
  dropped = 0
  lost = 0
  lastError: string | undefined
  readonly statistics: Statistics
  readonly #clock: Clock
  readonly #backlogBytesMax: number
  /** When the log took the oldest message that waits; undefined while none does. */
  #waitingSince: EpochMicros | undefined

  constructor(clock: Clock, backlogBytesMax: number) {
    this.#clock = clock
    this.#backlogBytesMax = backlogBytesMax
    this.statistics = new Statistics(clock)
  }

  count(messages: readonly Message[], outcome: WriteOutcome, tookMs: number): void {
    this.written += outcome.written
    this.duplicates += outcome.duplicates
    this.deadLetters += outcome.deadLetters
    this.dropped += outcome.dropped ?? 0
    if (messages.length === 0) return
    const bytes = messages.reduce((sum, message) => sum + message.payload.length, 0)
    this.statistics.batch(messages.length, bytes, tookMs)
  }

  waiting(since: EpochMicros): void {
    this.#waitingSince = since
  }

  /** Something was committed: where nothing waited before, it waits from now on. */
  arrived(): void {
    this.#waitingSince ??= this.#clock.wallMicros()
  }

  failed(error: unknown): void {
    this.lastError = errorLine(error)
    this.statistics.error(error)
  }

  caughtUp(): void {
    this.#waitingSince = undefined
  }

  /** `cursor` is undefined until the sink has told it: then everything counts as waiting. */
  lag(log: MessageLog, cursor: SinkCursor | undefined): Lag {
    let messages = 0
    let bytes = 0
    for (const range of log.partitions()) {
      const behind = Math.max(0, range.end - (cursor?.next(range) ?? range.start))
      messages += behind
      bytes += behind * meanRecordBytes(range)
    }
    const since = this.#waitingSince
    const seconds = messages === 0 || since === undefined ? 0 : (this.#clock.wallMicros() - since) / 1e6
    const backlogShare = bytes / this.#backlogBytesMax
    return { messages, bytes: Math.round(bytes), seconds: Math.max(0, seconds), backlogShare }
  }
}

export const meanRecordBytes = ({ start, end, bytes }: PartitionRange): number =>
  end === start ? 0 : bytes / (end - start)
