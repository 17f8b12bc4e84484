/** Rows into a table, whatever is in them: a row that the server refuses is found and kept aside. */
import type { Message, WriteOutcome } from '../../connector.ts'
import type { Queryable, SqlParameter } from '../database/database.ts'
import { SqlError, sqlFault } from '../database/sql-errors.ts'
import { insertDeadLetter } from '../dead-letters.ts'
import type { Ownership } from '../ownership.ts'
import type { RowForm } from './row-form.ts'

export const noRows: WriteOutcome = { written: 0, duplicates: 0, deadLetters: 0 }

export async function insertRows<Row extends { readonly message: Message }>(
  transaction: Queryable,
  ownership: Ownership,
  form: RowForm<Row>,
  rows: readonly Row[],
  parameters: Iterable<SqlParameter> = form.parametersOf(ownership, rows),
): Promise<WriteOutcome> {
  const [first] = rows
  if (first === undefined) return noRows
  try {
    const { affected: written } = await atomically(transaction, () => transaction.query(form.insert, [...parameters]))
    return { written, duplicates: rows.length - written, deadLetters: 0 }
  } catch (error) {
    if (!(error instanceof SqlError) || sqlFault(error) !== 'row') throw error
    if (rows.length === 1) return insertRefused(transaction, ownership, form, first, error)
    const half = rows.length >>> 1
    const front = await insertRows(transaction, ownership, form, rows.slice(0, half))
    const back = await insertRows(transaction, ownership, form, rows.slice(half))
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

/** Only a row that is refused without the part that may be to blame becomes a dead letter. */
async function insertRefused<Row extends { readonly message: Message }>(
  transaction: Queryable,
  ownership: Ownership,
  form: RowForm<Row>,
  row: Row,
  refusal: SqlError,
): Promise<WriteOutcome> {
  const reason = `${refusal.message} (SQLSTATE ${refusal.sqlState})`
  const less = form.lessOf(row, reason)
  if (less !== undefined) return insertRows(transaction, ownership, form, [less])
  await insertDeadLetter(transaction, ownership, row.message, reason)
  return { ...noRows, deadLetters: 1 }
}

export const sumOutcomes = (left: WriteOutcome, right: WriteOutcome): WriteOutcome => ({
  written: left.written + right.written,
  duplicates: left.duplicates + right.duplicates,
  deadLetters: left.deadLetters + right.deadLetters,
})
