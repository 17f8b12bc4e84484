/** Rows of `hawser.raw_telemetry`. */
import { booleanArray, byteaArray, numberArray, textArray } from '../database/array-literal.ts'
import type { Queryable } from '../database/database.ts'
import type { Ownership } from '../ownership.ts'
import type { RowForm } from '../rows/row-form.ts'
import { type RawRow, rawRow } from './raw-row.ts'

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

export const rawForm: RowForm<RawRow> = {
  rowOf: rawRow,
  insert: insertTogether,
  /** A row whose JSON is to blame is kept as bytes. */
  lessOf: (row, reason) => (row.isJson ? { ...row, isJson: false, reason: `not-jsonb: ${reason}` } : undefined),
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
