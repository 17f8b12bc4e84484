/** Every message that matches as a row of `hawser.raw_telemetry`, once, with the cursor in the rows' transaction. */
import type { LogId } from '@hawser/engine'
import type { Checkpoint, Connector, DeadLetters, Message, MessageBatch, Sink, WriteOutcome } from '../../connector.ts'
import type { Database, Queryable } from '../database/database.ts'
import { asSinkError } from '../database/sql-errors.ts'
import { listDeadLetters, removeDeadLetters } from '../dead-letters.ts'
import { migrate } from '../migrations/migrate.ts'
import { advanceCursor, holdOwnership, type Ownership, takeOwnership } from '../ownership.ts'
import { insertRows, noRows, sumOutcomes } from './insert-rows.ts'
import { rawRow } from './raw-row.ts'

export interface RawConnectorOptions {
  readonly name?: string
  /** Stays the caller's: it is not closed with the connector. */
  readonly database: Database
  readonly filters: readonly string[]
  readonly begin?: Connector['begin']
}

export function rawConnector(options: RawConnectorOptions): Connector {
  const { name = 'postgres', database, filters, begin = 'oldest' } = options
  return {
    name,
    kind: database.kind,
    filters,
    begin,
    open: (logId, signal) => openRawSink(database, name, logId, signal),
  }
}

async function openRawSink(database: Database, name: string, logId: LogId, signal: AbortSignal): Promise<Sink> {
  try {
    await migrate(database, signal)
    const taken = await database.transaction((transaction) => takeOwnership(transaction, name, logId), signal)
    return new RawSink(database, taken.ownership, taken.checkpoint)
  } catch (error) {
    throw asSinkError(error)
  }
}

class RawSink implements Sink {
  readonly checkpoint: Checkpoint | undefined
  readonly deadLetters: DeadLetters = {
    list: (limit) => listDeadLetters(this.#database, this.#ownership, limit),
    replay: (messages, signal) => this.#replay(messages, signal),
  }
  readonly #database: Database
  readonly #ownership: Ownership

  constructor(database: Database, ownership: Ownership, checkpoint: Checkpoint | undefined) {
    this.#database = database
    this.#ownership = ownership
    this.checkpoint = checkpoint
  }

  write(batch: MessageBatch, signal: AbortSignal): Promise<WriteOutcome> {
    const rows = batch.messages.map(rawRow)
    return this.#asOwner(async (transaction) => {
      const outcome = await insertRows(transaction, this.#ownership, rows)
      await advanceCursor(transaction, this.#ownership, batch)
      return outcome
    }, signal)
  }

  /** The database belongs to whoever opened it. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #replay(messages: readonly Message[], signal: AbortSignal): Promise<WriteOutcome> {
    return this.#asOwner(async (transaction) => {
      let outcome = noRows
      for (const [of, group] of Map.groupBy(messages, (message) => message.partition)) {
        const positions = group.map((message) => message.position)
        // One that is refused again comes back with its new reason.
        await removeDeadLetters(transaction, this.#ownership, of, positions)
        outcome = sumOutcomes(outcome, await insertRows(transaction, this.#ownership, group.map(rawRow)))
      }
      return outcome
    }, signal)
  }

  async #asOwner<Result>(work: (transaction: Queryable) => Promise<Result>, signal: AbortSignal): Promise<Result> {
    try {
      return await this.#database.transaction(async (transaction) => {
        await holdOwnership(transaction, this.#ownership)
        return work(transaction)
      }, signal)
    } catch (error) {
      throw asSinkError(error)
    }
  }
}
