import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Queryable } from './database/database.ts'
import { SqlError } from './database/sql-errors.ts'
import { queryAlarms, queryKpis, queryRawCount } from './queries.ts'

const failing = (sqlState: string): Queryable => ({ query: () => Promise.reject(new SqlError(sqlState, 'refused')) })

it('find nothing before the tables are made, and hide no other fault', async () => {
  const unmade = failing('42P01')
  assert.deepEqual([await queryKpis(unmade), await queryAlarms(unmade), await queryRawCount(unmade)], [[], [], 0])
  await assert.rejects(queryAlarms(failing('42501')), { sqlState: '42501' })
})
