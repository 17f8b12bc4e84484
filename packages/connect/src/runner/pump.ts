/** Moves what matches from the log into one open sink, until the stop; throws what goes wrong. */
import type { FilterSpan, MessageLog, Partition, PartitionRange } from '@hawser/engine'
import { type Clock, sleep } from '@hawser/std'
import type { Connector, Sink } from '../connector.ts'
import type { Bell } from './bell.ts'
import type { Figures } from './figures.ts'
import type { RunnerLimits } from './limits.ts'
import { everywhere, type ReadBatch, readMessages } from './message-reader.ts'
import { readAhead } from './read-ahead.ts'
import type { SinkCursor } from './sink-cursor.ts'

export interface PumpContext {
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
  readonly onWritten: () => void
}

export async function pump(context: PumpContext): Promise<void> {
  const { log, stop, connector, figures, clock, limits, unlessPaused } = context
  const spans = connector.filters.map(everywhere)
  while (!stop.aborted) {
    for (const range of log.partitions()) await turn(context, spans, range)
    if (isBehind(context)) continue
    figures.caughtUp()
    context.onWritten()
    await waitForMore(context)
    await unlessPaused()
    if (!stop.aborted) await sleep(clock, limits.lingerMs, stop).catch(() => {})
  }
  await saveCursor(context)
}

/** A bounded number of batches of one partition, so that a busy one does not starve the others. */
async function turn(context: PumpContext, spans: readonly FilterSpan[], range: PartitionRange): Promise<void> {
  const { log, stop, cursor, limits, unlessPaused } = context
  const from = cursor.next(range)
  if (from >= range.end || stop.aborted) return
  const { partition, end } = range
  let batches = 0
  for await (const batch of readAhead(readMessages(log, { partition, from, end }, spans, limits, stop))) {
    await deliver(context, partition, batch)
    await unlessPaused()
    if (stop.aborted || ++batches >= limits.turnBatchesMax) return
  }
}

async function deliver(context: PumpContext, partition: Partition, { messages, until }: ReadBatch): Promise<void> {
  const { cursor, figures, onWritten } = context
  const [oldest] = messages
  if (oldest === undefined) return cursor.moved(partition, until)
  figures.waiting(oldest.ingestedAt)
  await write(context, partition, { messages, until })
  onWritten()
}

async function write(context: PumpContext, partition: Partition, { messages, until }: ReadBatch): Promise<void> {
  const { sink, cursor, figures, giveUp } = context
  const batch = { partition, from: cursor.durable.get(partition), until, messages }
  const outcome = await sink.write(batch, giveUp)
  cursor.committed(partition, until)
  figures.count(batch, outcome)
}

const isBehind = ({ log, cursor }: PumpContext): boolean =>
  log.partitions().some((range: PartitionRange): boolean => cursor.next(range) < range.end)

/** Until something is committed; a cursor that only passed foreign records meanwhile is saved now and then. */
async function waitForMore(context: PumpContext): Promise<void> {
  const { bell, clock, limits, cursor } = context
  if (cursor.unsaved().length === 0) return bell.wait()
  let due = false
  using _timer = clock.after(limits.idleCheckpointMs, () => {
    due = true
    bell.ring()
  })
  await bell.wait()
  if (due) await saveCursor(context)
}

async function saveCursor(context: PumpContext): Promise<void> {
  for (const { partition, until } of context.cursor.unsaved()) {
    await write(context, partition, { messages: [], until })
  }
}
