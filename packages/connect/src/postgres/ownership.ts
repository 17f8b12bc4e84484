/** Who may write for a connector, and from where: its epoch and its cursors, in the transaction of the rows. */
import { type Cursor, type LogId, type Partition, type Position, partition, position } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import type { Checkpoint, MessageBatch } from '../connector.ts'
import type { Queryable } from './database/database.ts'

export interface Ownership {
  readonly connector: string
  readonly logId: LogId
  readonly epoch: number
}

/** Takes the connector over. It waits for a transaction under way, so its outcome is known afterwards. */
export async function takeOwnership(
  transaction: Queryable,
  connector: string,
  logId: LogId,
): Promise<{ readonly ownership: Ownership; readonly checkpoint: Checkpoint | undefined }> {
  const { rows } = await transaction.query<{ epoch: number }>(
    `INSERT INTO hawser.connectors AS c (connector, epoch) VALUES ($1, 1)
     ON CONFLICT (connector) DO UPDATE SET epoch = c.epoch + 1 RETURNING epoch`,
    [connector],
  )
  const epoch = rows[0]?.epoch ?? 0
  return { ownership: { connector, logId, epoch }, checkpoint: await readCheckpoint(transaction, connector, logId) }
}

interface CursorRow {
  readonly log_id: LogId
  readonly partition: number
  readonly position: number
}

async function readCheckpoint(
  transaction: Queryable,
  connector: string,
  logId: LogId,
): Promise<Checkpoint | undefined> {
  const { rows } = await transaction.query<CursorRow>(
    'SELECT log_id, partition, position FROM hawser.cursors WHERE connector = $1',
    [connector],
  )
  const stranger = rows.find((row) => row.log_id !== logId)
  if (stranger !== undefined) return { logId: stranger.log_id, cursor: new Map() }
  if (rows.length === 0) return undefined
  const cursor: Cursor = new Map<Partition, Position>(
    rows.map((row) => [partition(row.partition), position(row.position)]),
  )
  return { logId, cursor }
}

/** Locks the connector until the end of the transaction. Throws where another owner has taken it over. */
export async function holdOwnership(transaction: Queryable, { connector, epoch }: Ownership): Promise<void> {
  const { rows } = await transaction.query<{ epoch: number }>(
    'SELECT epoch FROM hawser.connectors WHERE connector = $1 FOR UPDATE',
    [connector],
  )
  const found = rows[0]?.epoch
  if (found === epoch) return
  throw new HawserError('SINK_REFUSED', `${connector}: owner ${found ?? 'nobody'} has taken over from ${epoch}`, {
    mend: 'stop the other process that runs the same connector, then resume this one',
  })
}

/** Moves the cursor over a batch; to be called with the ownership held. */
export async function advanceCursor(
  transaction: Queryable,
  { connector, logId, epoch }: Ownership,
  { partition, from, until }: Pick<MessageBatch, 'partition' | 'from' | 'until'>,
): Promise<void> {
  const { affected } =
    from === undefined
      ? await transaction.query(
          `INSERT INTO hawser.cursors (connector, log_id, partition, epoch, position) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING`,
          [connector, logId, partition, epoch, until],
        )
      : await transaction.query(
          `UPDATE hawser.cursors SET epoch = $4, position = $5
           WHERE connector = $1 AND log_id = $2 AND partition = $3 AND position = $6`,
          [connector, logId, partition, epoch, until, from],
        )
  if (affected === 1) return
  // Nobody else may have moved it while this owner's epoch stood: so the sink is read again before anything goes on.
  throw new HawserError('SINK_REFUSED', `${connector}: its cursor of partition ${partition} is not at ${from}`, {
    retryable: true,
  })
}
