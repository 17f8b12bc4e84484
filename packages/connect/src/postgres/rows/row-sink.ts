/** Every message that matches as a row, once, with the cursor in the rows' transaction. */
import type { LogId } from '@hawser/engine'
import type { EpochMicros } from '@hawser/std'
import type { Checkpoint, DeadLetters, Message, MessageBatch, Sink, WriteOutcome } from '../../connector.ts'
import type { Database, Queryable } from '../database/database.ts'
import { asSinkError } from '../database/sql-errors.ts'
import { listDeadLetters, removeDeadLetters } from '../dead-letters.ts'
import { migrate } from '../migrations/migrate.ts'
import { advanceCursor, holdOwnership, type Ownership, takeOwnership } from '../ownership.ts'
import { insertRows, noRows, sumOutcomes } from './insert-rows.ts'
import { type PreparedRows, prepareRows } from './prepare-rows.ts'
import type { RowForm } from './row-form.ts'

export async function openRowSink<Row extends { readonly message: Message }>(
  database: Database,
  form: RowForm<Row>,
  name: string,
  logId: LogId,
  signal: AbortSignal,
): Promise<Sink> {
  try {
    await migrate(database, signal)
    await database.transaction(async (transaction) => form.prepare?.(transaction), signal)
    const taken = await database.transaction((transaction) => takeOwnership(transaction, name, logId), signal)
    return new RowSink(database, form, taken.ownership, taken.checkpoint)
  } catch (error) {
    throw asSinkError(error)
  }
}

class RowSink<Row extends { readonly message: Message }> implements Sink {
  readonly checkpoint: Checkpoint | undefined
  /** Where the table changes by time alone. */
  readonly tick?: NonNullable<Sink['tick']>
  readonly deadLetters: DeadLetters = {
    list: (limit) => listDeadLetters(this.#database, this.#ownership, limit),
    replay: (messages, signal) => this.#replay(messages, signal),
    forget: (messages, signal) => this.#asOwner((transaction) => this.#forget(transaction, messages), signal),
  }
  readonly #database: Database
  readonly #form: RowForm<Row>
  readonly #ownership: Ownership
  readonly #ready = new WeakMap<readonly Message[], PreparedRows<Row>>()

  constructor(database: Database, form: RowForm<Row>, ownership: Ownership, checkpoint: Checkpoint | undefined) {
    this.#database = database
    this.#form = form
    this.#ownership = ownership
    this.checkpoint = checkpoint
    if (form.cover !== undefined) {
      this.tick = async (seenUntil, signal) => {
        if (seenUntil > 0) await this.#cover([seenUntil], signal)
      }
    }
  }

  async prepare(messages: readonly Message[]): Promise<void> {
    this.#ready.set(messages, await prepareRows(this.#form, this.#ownership, messages))
  }

  async write(batch: MessageBatch, signal: AbortSignal): Promise<WriteOutcome> {
    const times = batch.messages.map((message) => message.ingestedAt)
    await this.#cover(times, signal)
    return this.#asOwner(async (transaction) => {
      const outcome = await this.#insert(transaction, batch.messages)
      await advanceCursor(transaction, this.#ownership, batch)
      return outcome
    }, signal)
  }

  /** The database belongs to whoever opened it. */
  async [Symbol.asyncDispose](): Promise<void> {}

  async #cover(times: readonly EpochMicros[], signal: AbortSignal): Promise<void> {
    try {
      await this.#form.cover?.(this.#database, times, signal)
    } catch (error) {
      throw asSinkError(error)
    }
  }

  async #insert(transaction: Queryable, messages: readonly Message[]): Promise<WriteOutcome> {
    const ready = this.#ready.get(messages) ?? (await prepareRows(this.#form, this.#ownership, messages))
    return insertRows(transaction, this.#ownership, this.#form, ready.rows, ready.parameters)
  }

  #replay(messages: readonly Message[], signal: AbortSignal): Promise<WriteOutcome> {
    return this.#asOwner(async (transaction) => {
      // One that is refused again comes back with its new reason.
      await this.#forget(transaction, messages)
      let outcome = noRows
      for (const group of Map.groupBy(messages, (message) => message.partition).values()) {
        outcome = sumOutcomes(outcome, await this.#insert(transaction, group))
      }
      return outcome
    }, signal)
  }

  async #forget(transaction: Queryable, messages: readonly Message[]): Promise<void> {
    for (const [of, group] of Map.groupBy(messages, (message) => message.partition)) {
      const positions = group.map((message) => message.position)
      await removeDeadLetters(transaction, this.#ownership, of, positions)
    }
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
