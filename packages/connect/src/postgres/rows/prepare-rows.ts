/** What a batch costs us before the server has it, in short pieces: publishers are served by the same thread. */
import type { Message } from '../../connector.ts'
import type { SqlParameter } from '../database/database.ts'
import type { Ownership } from '../ownership.ts'
import type { RowForm } from './row-form.ts'

export interface PreparedRows<Row> {
  readonly rows: readonly Row[]
  readonly parameters: readonly SqlParameter[]
}

/** Some 5 ms of work. */
const pieceRows = 250

export async function prepareRows<Row extends { readonly message: Message }>(
  form: RowForm<Row>,
  ownership: Ownership,
  messages: readonly Message[],
): Promise<PreparedRows<Row>> {
  const rows: Row[] = []
  for (let start = 0; start < messages.length; start += pieceRows) {
    for (const message of messages.slice(start, start + pieceRows)) rows.push(form.rowOf(message))
    await othersHaveRun()
  }
  const parameters: SqlParameter[] = []
  for (const parameter of form.parametersOf(ownership, rows)) {
    parameters.push(parameter)
    if (messages.length > pieceRows) await othersHaveRun()
  }
  return { rows, parameters }
}

const othersHaveRun = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
