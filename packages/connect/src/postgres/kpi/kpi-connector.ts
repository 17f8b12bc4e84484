/**
 * Stage A into the database: machine states, window rows, alarms and the cursor commit together. Its cursor is its own
 * and bears the specification's version, so that a new version is computed from the log's start beside the old one.
 */
import type { LogId } from '@hawser/engine'
import { type EpochMicros, type Milliseconds, milliseconds } from '@hawser/std'
import { decodeMachineState, type Specification } from '@hawser/streams'
import type { Checkpoint, Connector, MessageBatch, Sink, WriteOutcome } from '../../connector.ts'
import { refusedMessages, StageA, type StageAChange } from '../../kpi/stage-a.ts'
import type { Database, Queryable } from '../database/database.ts'
import { asSinkError } from '../database/sql-errors.ts'
import { migrate } from '../migrations/migrate.ts'
import { advanceCursor, holdOwnership, type Ownership, takeOwnership } from '../ownership.ts'
import { storeChange } from './store-change.ts'

export interface KpiConnectorOptions {
  /** Stays the caller's: it is not closed with the connector. */
  readonly database: Database
  readonly specification: Specification
  /** How often open windows are brought up to date. */
  readonly lingerMs?: Milliseconds
}

export function kpiConnector(options: KpiConnectorOptions): Connector {
  const { database, specification, lingerMs = milliseconds(1_000) } = options
  const name = `kpi-${specification.name}-v${specification.version}`
  return {
    name,
    kind: database.kind,
    filters: [specification.filter],
    begin: 'oldest',
    // Its states are those of all readings before: a recomputation is a new version of the specification.
    seekable: false,
    limits: { lingerMs },
    open: (logId, signal) => openKpiSink(database, specification, name, logId, signal),
  }
}

async function openKpiSink(
  database: Database,
  specification: Specification,
  name: string,
  logId: LogId,
  signal: AbortSignal,
): Promise<Sink> {
  try {
    await migrate(database, signal)
    return await database.transaction(async (transaction) => {
      const { ownership, checkpoint } = await takeOwnership(transaction, name, logId)
      const stageA = await loadStageA(transaction, specification)
      return new KpiSink(database, ownership, stageA, checkpoint)
    }, signal)
  } catch (error) {
    throw asSinkError(error)
  }
}

async function loadStageA(transaction: Queryable, specification: Specification): Promise<StageA> {
  const { rows } = await transaction.query<{ readonly key: string; readonly state: string }>(
    'SELECT key, state FROM hawser.kpi_states WHERE specification = $1 AND version = $2',
    [specification.name, specification.version],
  )
  return new StageA(
    specification,
    rows.map(({ key, state }) => [key, decodeMachineState(state)] as const),
  )
}

class KpiSink implements Sink {
  readonly checkpoint: Checkpoint | undefined
  readonly #database: Database
  readonly #ownership: Ownership
  readonly #stageA: StageA

  constructor(database: Database, ownership: Ownership, stageA: StageA, checkpoint: Checkpoint | undefined) {
    this.#database = database
    this.#ownership = ownership
    this.#stageA = stageA
    this.checkpoint = checkpoint
  }

  async write(batch: MessageBatch, signal: AbortSignal): Promise<WriteOutcome> {
    const change = this.#stageA.apply(this.#ownership.logId, batch.messages, batch.seenUntil)
    await this.#store(change, batch, signal)
    const deadLetters = refusedMessages(change)
    return { written: batch.messages.length - deadLetters, duplicates: 0, deadLetters }
  }

  async tick(seenUntil: EpochMicros, signal: AbortSignal): Promise<void> {
    const change = this.#stageA.tick(seenUntil)
    if (change.states.size > 0) await this.#store(change, undefined, signal)
  }

  /** The database belongs to whoever opened it. */
  async [Symbol.asyncDispose](): Promise<void> {}

  async #store(change: StageAChange, batch: MessageBatch | undefined, signal: AbortSignal): Promise<void> {
    try {
      await this.#database.transaction(async (transaction) => {
        await holdOwnership(transaction, this.#ownership)
        await storeChange(transaction, this.#ownership, this.#stageA.specification, change)
        if (batch !== undefined) await advanceCursor(transaction, this.#ownership, batch)
      }, signal)
    } catch (error) {
      throw asSinkError(error)
    }
    this.#stageA.adopt(change)
  }
}
