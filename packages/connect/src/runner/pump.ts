/** Moves what matches from the log into one open sink, until the stop; throws what goes wrong. */
import type { FilterSpan, MessageLog, Partition, PartitionRange } from '@hawser/engine'
import { type Clock, type EpochMicros, epochMicros, milliseconds, sleep } from '@hawser/std'
import { type Connector, PartialWrite, type Sink } from '../connector.ts'
import type { Bell } from './bell.ts'
import type { Figures } from './figures.ts'
import type { RunnerLimits } from './limits.ts'
import { everywhere, type ReadBatch, readMessages } from './message-reader.ts'
import { readAhead } from './read-ahead.ts'
import { SeenUntil } from './seen-until.ts'
import type { SinkCursor } from './sink-cursor.ts'

export interface PumpOptions {
  readonly log: MessageLog
  readonly connector: Connector
  readonly clock: Clock
  readonly sink: Sink
  readonly cursor: SinkCursor
  readonly limits: RunnerLimits
  readonly figures: Figures
  readonly bell: Bell
  readonly stop: AbortSignal
  readonly giveUp: AbortSignal
  readonly unlessPaused: () => Promise<void>
  readonly onProgress: () => void
}

export const pump = (options: PumpOptions): Promise<void> => new Pump(options).run()

class Pump {
  readonly #options: PumpOptions
  readonly #spans: readonly FilterSpan[]
  readonly #seen = new SeenUntil()
  #idleAtMs: number

  constructor(options: PumpOptions) {
    this.#options = options
    this.#spans = options.connector.filters.map(everywhere)
    this.#idleAtMs = options.clock.monotonicMs() + options.limits.idleMs
  }

  async run(): Promise<void> {
    const { stop, figures, clock, limits, unlessPaused, onProgress } = this.#options
    await unlessPaused()
    while (!stop.aborted) {
      await this.#sweep()
      if (this.#isBehind()) continue
      figures.caughtUp()
      onProgress()
      await this.#idleWorkIfDue()
      await this.#waitForMore()
      await unlessPaused()
      if (!stop.aborted) await sleep(clock, limits.lingerMs, stop).catch(() => {})
    }
    await this.#saveCursor()
  }

  async #sweep(): Promise<void> {
    const { log, clock, limits } = this.#options
    // What is appended before this time, but committed after the look at the partitions, is not among what is read.
    const looksAt = epochMicros(clock.wallMicros() - limits.commitMsMax * 1000)
    for (const range of log.partitions()) await this.#turn(range, looksAt)
  }

  /** A bounded number of batches of one partition, so that a busy one does not starve the others. */
  async #turn(range: PartitionRange, looksAt: EpochMicros): Promise<void> {
    const { log, stop, cursor, limits, unlessPaused } = this.#options
    const { partition, end } = range
    const from = cursor.enter(range)
    if (from >= end) return this.#seen.passed(partition, looksAt)
    if (stop.aborted) return
    let delivered = 0
    const batches = readMessages(log, { partition, from, end }, this.#spans, limits, stop)
    for await (const batch of readAhead(this.#prepared(batches))) {
      const newest = batch.messages.at(-1)
      if (newest !== undefined) this.#seen.passed(partition, newest.ingestedAt)
      if (batch.until === end) this.#seen.passed(partition, looksAt)
      await this.#deliver(partition, batch)
      await unlessPaused()
      if (stop.aborted || ++delivered >= limits.turnBatchesMax) return
    }
  }

  async *#prepared(batches: AsyncGenerator<ReadBatch>): AsyncGenerator<ReadBatch> {
    for await (const batch of batches) {
      await this.#options.sink.prepare?.(batch.messages)
      yield batch
    }
  }

  async #deliver(partition: Partition, batch: ReadBatch): Promise<void> {
    const { cursor, figures, onProgress } = this.#options
    const [oldest] = batch.messages
    if (oldest === undefined) return cursor.moved(partition, batch.until)
    figures.waiting(oldest.ingestedAt)
    await this.#write(partition, batch)
    onProgress()
  }

  async #write(partition: Partition, { messages, until }: ReadBatch): Promise<void> {
    const { log, clock, sink, cursor, figures, giveUp } = this.#options
    const seenUntil = this.#seen.least(log.partitions())
    const batch = { partition, from: cursor.durable.get(partition), until, messages, seenUntil }
    const beganAtMs = clock.monotonicMs()
    try {
      const outcome = await sink.write(batch, giveUp)
      cursor.committed(partition, until)
      figures.count(messages, outcome, clock.monotonicMs() - beganAtMs)
    } catch (error) {
      if (!(error instanceof PartialWrite)) throw error
      figures.count(error.messages, error.outcome, clock.monotonicMs() - beganAtMs)
      throw error.cause
    }
  }

  #isBehind(): boolean {
    const { log, cursor } = this.#options
    return log.partitions().some((range) => cursor.next(range) < range.end)
  }

  async #idleWorkIfDue(): Promise<void> {
    const { clock, limits, sink, log, giveUp } = this.#options
    if (clock.monotonicMs() < this.#idleAtMs) return
    await this.#saveCursor()
    await sink.tick?.(this.#seen.least(log.partitions()), giveUp)
    this.#idleAtMs = clock.monotonicMs() + limits.idleMs
  }

  /** Until something is committed, or the idle work is due. */
  async #waitForMore(): Promise<void> {
    const { bell, clock, cursor, sink } = this.#options
    if (cursor.unsaved().length === 0 && sink.tick === undefined) return bell.wait()
    const leftMs = milliseconds(Math.max(0, this.#idleAtMs - clock.monotonicMs()))
    using _timer = clock.after(leftMs, () => bell.ring())
    await bell.wait()
  }

  async #saveCursor(): Promise<void> {
    for (const { partition, until } of this.#options.cursor.unsaved()) {
      await this.#write(partition, { messages: [], until })
    }
  }
}
