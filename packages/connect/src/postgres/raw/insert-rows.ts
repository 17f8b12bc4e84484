/** Rows into `hawser.raw_telemetry`, whatever is in them: a row that the server refuses is found and kept aside. */
import type { WriteOutcome } from '../../connector.ts'
import { booleanArray, byteaArray, numberArray, textArray } from '../database/array-literal.ts'
import type { Queryable } from '../database/database.ts'
import { SqlError, sqlFault } from '../database/sql-errors.ts'
import { insertDeadLetter } from '../dead-letters.ts'
import type { Ownership } from '../ownership.ts'
import type { RawRow } from './raw-row.ts'

const insert = `
  INSERT INTO hawser.raw_telemetry
    (log_id, partition, position, topic, qos, retain, client_id, published_at, ingested_at, payload, json, reason)
  SELECT $1, $2::integer, position, topic, qos, retain, client_id,
    timestamptz 'epoch' + published_at * interval '1 microsecond',
    timestamptz 'epoch' + ingested_at * interval '1 microsecond',
    payload, CASE WHEN is_json THEN convert_from(payload, 'UTF8')::jsonb END, reason
  FROM unnest($3::text::bigint[], $4::text::text[], $5::text::smallint[], $6::text::boolean[], $7::text::text[],
      $8::text::bigint[], $9::text::bigint[], $10::text::bytea[], $11::text::boolean[], $12::text::text[])
    AS row (position, topic, qos, retain, client_id, published_at, ingested_at, payload, is_json, reason)
  ON CONFLICT DO NOTHING`

export const noRows: WriteOutcome = { written: 0, duplicates: 0, deadLetters: 0 }

export async function insertRows(
  transaction: Queryable,
  ownership: Ownership,
  rows: readonly RawRow[],
): Promise<WriteOutcome> {
  const [first] = rows
  if (first === undefined) return noRows
  try {
    const written = await atomically(transaction, () => insertTogether(transaction, ownership, rows))
    return { written, duplicates: rows.length - written, deadLetters: 0 }
  } catch (error) {
    if (!(error instanceof SqlError) || sqlFault(error) !== 'row') throw error
    if (rows.length === 1) return insertRefused(transaction, ownership, first, error)
    const half = rows.length >>> 1
    const front = await insertRows(transaction, ownership, rows.slice(0, half))
    const back = await insertRows(transaction, ownership, rows.slice(half))
    return sumOutcomes(front, back)
  }
}

/** What fails in it is undone, and the transaction goes on. */
async function atomically<Result>(transaction: Queryable, work: () => Promise<Result>): Promise<Result> {
  await transaction.query('SAVEPOINT rows')
  try {
    const result = await work()
    await transaction.query('RELEASE SAVEPOINT rows')
    return result
  } catch (error) {
    if (error instanceof SqlError && sqlFault(error) === 'row') await transaction.query('ROLLBACK TO SAVEPOINT rows')
    throw error
  }
}

async function insertTogether(transaction: Queryable, { logId }: Ownership, rows: readonly RawRow[]): Promise<number> {
  const messages = rows.map((row) => row.message)
  const { affected } = await transaction.query(insert, [
    logId,
    messages[0]?.partition ?? 0,
    numberArray(messages.map((message) => message.position)),
    textArray(messages.map((message) => message.topic)),
    numberArray(messages.map((message) => message.qos)),
    booleanArray(messages.map((message) => message.retain)),
    textArray(messages.map((message) => message.clientId)),
    numberArray(rows.map((row) => row.publishedAt)),
    numberArray(messages.map((message) => message.ingestedAt)),
    byteaArray(messages.map((message) => message.payload)),
    booleanArray(rows.map((row) => row.isJson)),
    textArray(rows.map((row) => row.reason)),
  ])
  return affected
}

/** A row whose JSON is to blame is kept as bytes; only one that is refused without it too becomes a dead letter. */
async function insertRefused(
  transaction: Queryable,
  ownership: Ownership,
  row: RawRow,
  refusal: SqlError,
): Promise<WriteOutcome> {
  const reason = `${refusal.message} (SQLSTATE ${refusal.sqlState})`
  if (row.isJson) {
    return insertRows(transaction, ownership, [{ ...row, isJson: false, reason: `not-jsonb: ${reason}` }])
  }
  await insertDeadLetter(transaction, ownership, row.message, reason)
  return { ...noRows, deadLetters: 1 }
}

export const sumOutcomes = (left: WriteOutcome, right: WriteOutcome): WriteOutcome => ({
  written: left.written + right.written,
  duplicates: left.duplicates + right.duplicates,
  deadLetters: left.deadLetters + right.deadLetters,
})
