/** What cannot be used is kept with the reason, until it is written after all. */
import { type LogId, type Partition, type Position, partition, position } from '@hawser/engine'
import type { DeadLetter, Message } from '../connector.ts'
import { numberArray } from './database/array-literal.ts'
import type { Queryable } from './database/database.ts'
import type { Ownership } from './ownership.ts'

export async function insertDeadLetter(
  transaction: Queryable,
  { connector, logId }: Ownership,
  message: Message,
  reason: string,
): Promise<void> {
  const { topic, ingestedAt, payload } = message
  await transaction.query(
    `INSERT INTO hawser.dead_letters (connector, log_id, partition, position, topic, ingested_at, reason, payload)
     VALUES ($1, $2, $3, $4, $5, timestamptz 'epoch' + $6::bigint * interval '1 microsecond', $7, decode($8, 'hex'))
     ON CONFLICT DO NOTHING`,
    [connector, logId, message.partition, message.position, topic, ingestedAt, reason, payload.toString('hex')],
  )
}

interface DeadLetterRow {
  readonly log_id: LogId
  readonly partition: number
  readonly position: number
  readonly topic: string
  readonly reason: string
}

export async function listDeadLetters(
  database: Queryable,
  { connector }: Ownership,
  limit: number,
): Promise<readonly DeadLetter[]> {
  const { rows } = await database.query<DeadLetterRow>(
    `SELECT log_id, partition, position, topic, reason FROM hawser.dead_letters
     WHERE connector = $1 ORDER BY ingested_at, partition, position LIMIT $2`,
    [connector, limit],
  )
  return rows.map(({ log_id, partition: of, position: at, topic, reason }) => ({
    logId: log_id,
    partition: partition(of),
    position: position(at),
    topic,
    reason,
  }))
}

/** With the ownership held. */
export async function removeDeadLetters(
  transaction: Queryable,
  { connector, logId }: Ownership,
  of: Partition,
  positions: readonly Position[],
): Promise<void> {
  await transaction.query(
    `DELETE FROM hawser.dead_letters
     WHERE connector = $1 AND log_id = $2 AND partition = $3 AND position = ANY ($4::text::bigint[])`,
    [connector, logId, of, numberArray(positions)],
  )
}
