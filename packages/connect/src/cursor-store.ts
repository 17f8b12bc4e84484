/**
 * The cursor of a connector whose sink cannot keep one beside its rows: a row of Hawser's own state. Its revision is
 * the fence: whoever opens the connector writes the row anew, and what an earlier owner expects of it is past.
 */
import {
  type LogId,
  type Partition,
  type Position,
  partition,
  position,
  type StateChange,
  type StateStore,
} from '@hawser/engine'
import { HawserError } from '@hawser/std'
import type { Checkpoint, MessageBatch } from './connector.ts'

const table = 'connector'
const formatVersion = 1

interface StoredCursor {
  readonly version: number
  readonly log_id: LogId
  /** Grows with each owner, so that no two of them write the same bytes. */
  readonly epoch: number
  readonly cursor: readonly (readonly [partition: number, position: number])[]
}

export interface OwnedCursor {
  readonly checkpoint: Checkpoint | undefined
  /** Rejects where another owner has taken the connector over: to be asked before each write to the sink. */
  hold(): Promise<void>
  /** After the sink has taken a batch. What is to be kept beside the cursor becomes durable with it, or not at all. */
  advance(step: CursorStep, beside?: readonly StateChange[]): Promise<void>
  /** Changes what is kept beside the cursor, and leaves it where it is. */
  keep(beside: readonly StateChange[]): Promise<void>
}

export type CursorStep = Pick<MessageBatch, 'partition' | 'from' | 'until'>

/** Takes the connector over. */
export async function openCursor(state: StateStore, connector: string, logId: LogId): Promise<OwnedCursor> {
  const row = await state.get(table, connector)
  const stored = row === undefined ? undefined : parse(connector, row.value)
  const { log_id = logId, epoch = 0, cursor = [] } = stored ?? {}
  const owned = new Owned(state, connector, { version: formatVersion, log_id, epoch: epoch + 1, cursor })
  await owned.takeOver(row?.revision ?? 0)
  return owned
}

class Owned implements OwnedCursor {
  readonly checkpoint: Checkpoint | undefined
  readonly #state: StateStore
  readonly #connector: string
  readonly #begun: StoredCursor
  readonly #cursor: Map<Partition, Position>
  #revision = 0
  /** A replay of dead letters comes beside the runner's writes: each must know the revision that the last has made. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(state: StateStore, connector: string, begun: StoredCursor) {
    this.#state = state
    this.#connector = connector
    this.#begun = begun
    this.#cursor = new Map(begun.cursor.map(([of, at]) => [partition(of), position(at)]))
    this.checkpoint = begun.cursor.length === 0 ? undefined : { logId: begun.log_id, cursor: new Map(this.#cursor) }
  }

  takeOver(expected: number): Promise<void> {
    return this.#inTurn(() => this.#write(expected, []))
  }

  hold(): Promise<void> {
    return this.#inTurn(async () => {
      const row = await this.#state.get(table, this.#connector)
      if (row?.revision !== this.#revision) throw this.#takenOver()
    })
  }

  advance({ partition, from, until }: CursorStep, beside: readonly StateChange[] = []): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#cursor.get(partition) !== from) {
        throw new HawserError(
          'SINK_REFUSED',
          `${this.#connector}: its cursor of partition ${partition} is not at ${from}`,
          { retryable: true },
        )
      }
      this.#cursor.set(partition, until)
      await this.#write(this.#revision, beside)
    })
  }

  keep(beside: readonly StateChange[]): Promise<void> {
    return this.#inTurn(() => this.#write(this.#revision, beside))
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(work, work)
    this.#last = mine
    return mine
  }

  async #write(expected: number, beside: readonly StateChange[]): Promise<void> {
    const stored: StoredCursor = { ...this.#begun, cursor: [...this.#cursor] }
    const value = Buffer.from(JSON.stringify(stored))
    const outcome = await this.#state.write([{ table, key: this.#connector, value, expected }, ...beside])
    if (outcome === 'conflict') throw this.#takenOver()
    const row = await this.#state.get(table, this.#connector)
    // Between the two another owner may have come: then its bytes are not ours.
    if (row === undefined || !row.value.equals(value)) throw this.#takenOver()
    this.#revision = row.revision
  }

  #takenOver(): HawserError {
    return new HawserError('SINK_REFUSED', `${this.#connector}: another owner has taken it over`, {
      mend: 'stop the other process that runs the same connector, then resume this one',
    })
  }
}

function parse(connector: string, value: Buffer): StoredCursor {
  const stored: StoredCursor = JSON.parse(value.toString('utf8'))
  if (stored.version === formatVersion) return stored
  throw new HawserError(
    'DATA_DIR_VERSION',
    `the cursor of connector ${connector} has format ${stored.version}, this program knows ${formatVersion}`,
    { mend: 'use the newer program' },
  )
}
