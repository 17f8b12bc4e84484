/** The schema: what it holds, who may bring it there, and what is kept from changing it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { accumulatorColumns, type Column, keyColumns, measureColumns, stateColumns } from '@hawser/streams'
import type { Database } from '../database/database.ts'
import { migrate, SqlError } from '../mod.ts'
import type { DatabaseUnderTest } from './database-under-test.ts'

export function schemaSuite({ name, database, skip = false }: DatabaseUnderTest): void {
  describe(`${name}: schema`, { skip }, () => {
    it('has the columns of the accumulators', async () => {
      const migrated = await database()
      await migrate(migrated)
      const shared = [...keyColumns, ...stateColumns]
      assert.deepEqual(await columnsOf(migrated, 'kpi_windows'), named([...shared, ...accumulatorColumns]))
      assert.deepEqual(await columnsOf(migrated, 'kpi_measures'), named([...shared, ...measureColumns]))
    })

    it('changes nothing the second time, and refuses a newer one', async () => {
      const migrated = await database()
      await migrate(migrated)
      await migrate(migrated)
      await migrated.query('INSERT INTO hawser.schema_version VALUES (99)')
      await assert.rejects(migrate(migrated), { code: 'DATA_DIR_VERSION', retryable: false })
      await migrated.query('DELETE FROM hawser.schema_version WHERE version = 99')
      const { rows } = await migrated.query('SELECT version FROM hawser.schema_version')
      assert.deepEqual(rows, [{ version: 1 }])
    })

    it('answers a statement of anybody without letting it change anything', async () => {
      const migrated = await database()
      await migrate(migrated)
      assert.deepEqual(await migrated.readOnly('SELECT 9007199254740993 AS large, 7::bigint AS small'), [
        { large: 9007199254740993n, small: 7 },
      ])
      await assert.rejects(migrated.readOnly('DELETE FROM hawser.cursors'), isSqlError('25006'))
      await assert.rejects(migrated.readOnly('COMMIT; DELETE FROM hawser.cursors'), isSqlError('42601'))
      assert.equal((await migrated.readOnly('SELECT 1')).length, 1)
    })
  })
}

const isSqlError =
  (sqlState: string) =>
  (error: unknown): boolean =>
    error instanceof SqlError && error.sqlState === sqlState

const named = (columns: readonly Column[]): string[] => columns.map(({ name, type }) => `${name} ${type}`).sort()

async function columnsOf(database: Database, table: string): Promise<string[]> {
  const { rows } = await database.query<{ readonly name: string; readonly type: string }>(
    `SELECT column_name::text AS name, data_type::text AS type FROM information_schema.columns
     WHERE table_schema = 'hawser' AND table_name = $1`,
    [table],
  )
  return rows.map(({ name, type }) => `${name} ${type}`).sort()
}
