/** What a connector would hand over next: read from the log beside its run, which goes on as if nobody had looked. */
import type { LogId, MessageLog } from '@hawser/engine'
import type { Connector, Judgement, Message } from '../connector.ts'
import { everywhere, readMessages } from './message-reader.ts'
import type { SinkCursor } from './sink-cursor.ts'

/** In memory at a time, of each partition. */
const dryRunBytesMax = 4 << 20

export interface DryMessage {
  /** As the log has it. */
  readonly message: Message
  /** Undefined where the connector has no rules. */
  readonly judgement: Judgement | undefined
}

export interface DryRun {
  readonly logId: LogId
  readonly messages: readonly DryMessage[]
}

/** The oldest first, up to `limit`; fewer where they are large. */
export async function dryRun(
  log: MessageLog,
  connector: Connector,
  cursor: SinkCursor,
  limit: number,
  signal: AbortSignal,
): Promise<DryRun> {
  const spans = connector.filters.map(everywhere)
  const bounds = { batchMessagesMax: limit, batchBytesMax: dryRunBytesMax }
  const found: Message[] = []
  for (const range of log.partitions()) {
    const { partition, start, end } = range
    const next = cursor.next(range)
    // What the log has forgotten is not sent any more.
    const from = next < start ? start : next
    for await (const { messages } of readMessages(log, { partition, from, end }, spans, bounds, signal)) {
      found.push(...messages)
      break
    }
  }
  const oldest = found.sort((one, other) => one.ingestedAt - other.ingestedAt).slice(0, limit)
  const judged = oldest.map((message) => ({ message, judgement: connector.judge?.(log.id, message) }))
  return { logId: log.id, messages: judged }
}
