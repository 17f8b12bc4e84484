/**
 * The port of a connector: a cursor over the log that moves only after its sink has said yes.
 *
 * A connector knows how to open its sink; the runner (`runner/`) reads the log, hands over bounded batches, backs off
 * and keeps the figures. The sink keeps the cursor beside what it holds, so that both are durable at once or not at all.
 */
import type { Cursor, LogId, Partition, Position } from '@hawser/engine'
import type { EpochMicros } from '@hawser/std'
import type { RunnerLimits } from './runner/limits.ts'

/** What a rule has said of the messages that are done; under the name `unmatched` of those that no rule matched. */
export interface RuleFigures {
  readonly name: string
  readonly matched: number
  readonly dropped: number
  /** Matched, and could not be changed as the rule says: they are dead letters. */
  readonly failed: number
}

/** One publish of the log. It owns its bytes. */
export interface Message {
  readonly partition: Partition
  readonly position: Position
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly clientId: string
  /** When the log took it; the publisher's own time is in the payload, if anywhere. */
  readonly ingestedAt: EpochMicros
  /** MQTT 5 properties as on the wire, without topic alias, expiry and subscription identifiers; most have none. */
  readonly properties: Buffer
  /** Message Expiry Interval, counted from `ingestedAt`; left out where it never expires. */
  readonly expirySeconds?: number
  readonly payload: Buffer
  /** Where a rule of the connector sends it: `${route}` in the templates of its sink. */
  readonly route?: string
}

/** What rules make of a message. Under `rule` stands its name; `unmatched` where none matched. */
export type Judgement =
  | { readonly kind: 'passed'; readonly rule: string; readonly message: Message }
  | { readonly kind: 'dropped'; readonly rule: string }
  /** The rule matched, and what it says cannot be done with this message. */
  | { readonly kind: 'failed'; readonly rule: string; readonly reason: string }

/** The name of a log record for ever, the same in every sink. */
export const eventId = (logId: LogId, { partition, position }: Pick<Message, 'partition' | 'position'>): string =>
  `${logId}/${partition}/${position}`

/**
 * Matching messages of one partition in order. The sink's cursor must stand at `from`, and stands at `until` after it:
 * records between that match no filter count as done. Without messages it only moves the cursor.
 */
export interface MessageBatch {
  readonly partition: Partition
  /** Undefined where the sink has no cursor for this partition yet. */
  readonly from: Position | undefined
  readonly until: Position
  readonly messages: readonly Message[]
  /** Every record of any partition that was appended before this has been handed over, with this batch the last. */
  readonly seenUntil: EpochMicros
}

/** What became of a batch; together they add up to its messages. */
export interface WriteOutcome {
  readonly written: number
  /** Were there already. */
  readonly duplicates: number
  /** Refused by the sink for good, and kept aside with the reason. */
  readonly deadLetters: number
  /** Left out by a rule, or expired before it could be sent. */
  readonly dropped?: number
}

/** A write that failed midway: the beginning of the batch is durable with the cursor, and counts. */
export class PartialWrite extends Error {
  override readonly name = 'PartialWrite'
  readonly messages: readonly Message[]
  readonly outcome: WriteOutcome

  constructor(messages: readonly Message[], outcome: WriteOutcome, cause: unknown) {
    super('a part of the batch is written', { cause })
    this.messages = messages
    this.outcome = outcome
  }
}

/** One message that the sink refused for good. */
export interface DeadLetter {
  readonly logId: LogId
  readonly partition: Partition
  readonly position: Position
  readonly topic: string
  readonly reason: string
}

/** Where a sink keeps what it refused. */
export interface DeadLetters {
  /** The oldest first, up to `limit`. */
  list(limit: number, signal: AbortSignal): Promise<readonly DeadLetter[]>
  /** Writes them again; what is in the sink afterwards is listed no more. */
  replay(messages: readonly Message[], signal: AbortSignal): Promise<WriteOutcome>
  /** They are settled elsewhere: lists them no more, if it has. */
  forget(messages: readonly Message[], signal: AbortSignal): Promise<void>
}

/** Where a sink stands. */
export interface Checkpoint {
  readonly logId: LogId
  readonly cursor: Cursor
}

/**
 * An open sink with one owner. After a rejected write it is disposed and opened again, whatever the error: so an
 * outcome that is not known is settled by reading the checkpoint.
 */
export interface Sink extends AsyncDisposable {
  /** As it was when opened; undefined where the sink has never been written. */
  readonly checkpoint: Checkpoint | undefined
  /**
   * Resolves once messages and cursor are durable together. Rejects with a `HawserError` that says whether trying
   * again may help, or with a `PartialWrite` whose cause is one. Called again only after it has settled.
   */
  write(batch: MessageBatch, signal: AbortSignal): Promise<WriteOutcome>
  /**
   * Called ahead with the messages of a later write, while an earlier one is under way: for work that needs no answer
   * of the sink's. It lets others run in between.
   */
  prepare?(messages: readonly Message[]): Promise<void>
  /** Left out by a sink that takes whatever there is. */
  readonly deadLetters?: DeadLetters
  /** Called now and then while there is nothing to write: for a sink in which time alone changes something. */
  tick?(seenUntil: EpochMicros, signal: AbortSignal): Promise<void>
}

export interface Connector {
  readonly name: string
  /** Of sink: `file`, `postgres` … */
  readonly kind: string
  readonly filters: readonly string[]
  /** Where to begin in a log that the sink has never seen: with its oldest record, or with what comes. */
  readonly begin: 'oldest' | 'newest'
  /**
   * What becomes of it where the log has outgrown `backlogBytesMax` behind it. `hold` (default): the log keeps all, and
   * the disk's watermark is the end of it. `skip`: the log may forget; what it has forgotten is counted as lost.
   */
  readonly pastBacklog?: 'hold' | 'skip'
  /** False where its sink cannot take records again, or leave some out: its place is never moved. */
  readonly seekable?: boolean
  /** Where its sink wants another pace than the runner's own. */
  readonly limits?: Partial<RunnerLimits>
  /** Where its messages go by rules: what each has said. */
  readonly rules?: () => readonly RuleFigures[]
  /** What they would make of a message; nothing is counted. */
  readonly judge?: (logId: LogId, message: Message) => Judgement
  /** Takes ownership: a write of an earlier owner fails from now on. */
  open(logId: LogId, signal: AbortSignal): Promise<Sink>
}
