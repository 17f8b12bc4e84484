/** What cannot be used is kept with the reason. */
import type { Message } from '../connector.ts'
import type { Queryable } from './database/database.ts'
import type { Ownership } from './ownership.ts'

export async function insertDeadLetter(
  transaction: Queryable,
  { connector, logId }: Ownership,
  message: Message,
  reason: string,
): Promise<void> {
  const { partition, position, topic, ingestedAt, payload } = message
  await transaction.query(
    `INSERT INTO hawser.dead_letters (connector, log_id, partition, position, topic, ingested_at, reason, payload)
     VALUES ($1, $2, $3, $4, $5, timestamptz 'epoch' + $6::bigint * interval '1 microsecond', $7, decode($8, 'hex'))
     ON CONFLICT DO NOTHING`,
    [connector, logId, partition, position, topic, ingestedAt, reason, payload.toString('hex')],
  )
}
