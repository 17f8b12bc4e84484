/** Rows of `hawser.raw_telemetry`. */
import { booleanArray, byteaArray, numberArray, textArray } from '../database/array-literal.ts'
import type { SqlParameter } from '../database/database.ts'
import type { Ownership } from '../ownership.ts'
import type { RowForm } from '../rows/row-form.ts'
import { TimePartitions } from '../typed/time-partitions.ts'
import { checkRawPartitions, partRawTable, type RawPartitions, rawTable } from './raw-partitions.ts'
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

const plainForm: RowForm<RawRow> = {
  rowOf: rawRow,
  insert,
  parametersOf,
  /** A row whose JSON is to blame is kept as bytes. */
  lessOf: (row, reason) => (row.isJson ? { ...row, isJson: false, reason: `not-jsonb: ${reason}` } : undefined),
}

/** Throws `CONFIG_INVALID` where the partitions cannot be. */
export function rawForm(parted: RawPartitions | undefined): RowForm<RawRow> {
  if (parted === undefined) return plainForm
  checkRawPartitions(parted)
  const { partitionHours, retentionHours } = parted
  const partitions = new TimePartitions({ name: rawTable, retentionHours }, partitionHours)
  return {
    ...plainForm,
    async prepare(transaction) {
      partitions.forget()
      await partRawTable(transaction)
    },
    cover: (database, times, signal) => partitions.cover(database, times, signal),
  }
}

function* parametersOf({ logId }: Ownership, rows: readonly RawRow[]): Generator<SqlParameter> {
  const messages = rows.map((row) => row.message)
  yield logId
  yield messages[0]?.partition ?? 0
  yield numberArray(messages.map((message) => message.position))
  yield textArray(messages.map((message) => message.topic))
  yield numberArray(messages.map((message) => message.qos))
  yield booleanArray(messages.map((message) => message.retain))
  yield textArray(messages.map((message) => message.clientId))
  yield numberArray(rows.map((row) => row.publishedAt))
  yield numberArray(messages.map((message) => message.ingestedAt))
  yield byteaArray(messages.map((message) => message.payload))
  yield booleanArray(rows.map((row) => row.isJson))
  yield textArray(rows.map((row) => row.reason))
}
