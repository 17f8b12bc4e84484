/** Brings a database to this program's schema, once, however many start at the same time. */
import { HawserError } from '@hawser/std'
import type { Database, Queryable } from '../database/database.ts'
import { kpiViews } from './kpi-views.ts'
import { type Migration, migrations } from './migrations.ts'

/** Any number that no other program uses for its lock: "hawser" in ASCII. */
const migrationLock = 0x686177736572

/** Until the end of the transaction. */
export async function lockMigrations(transaction: Queryable): Promise<void> {
  await transaction.query(`SELECT pg_advisory_xact_lock(${migrationLock})`)
}

export async function migrate(
  database: Database,
  signal?: AbortSignal,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  const known = steps.at(-1)?.version ?? 0
  await database.transaction(async (transaction) => {
    if (await isGuest(transaction)) return checkVersion(transaction, known)
    await lockMigrations(transaction)
    const version = await currentVersion(transaction)
    if (version > known) throw newerSchema(version, known)
    for (const step of steps.filter((candidate) => candidate.version > version)) await apply(transaction, step)
    await runAll(transaction, kpiViews())
  }, signal)
}

/** True where the schema is another role's: this one can use it, and cannot change it. */
async function isGuest(transaction: Queryable): Promise<boolean> {
  const { rows } = await transaction.query<{ readonly own: boolean }>(
    `SELECT pg_has_role(c.relowner, 'USAGE') AS own FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'hawser' AND c.relname = 'schema_version'`,
  )
  return rows[0]?.own === false
}

async function checkVersion(transaction: Queryable, known: number): Promise<void> {
  const version = await readVersion(transaction)
  if (version > known) throw newerSchema(version, known)
  if (version < known) {
    throw new HawserError('SINK_REFUSED', `the database has schema ${version}, this program needs ${known}`, {
      mend: 'start it once as the role that owns the schema',
    })
  }
}

async function currentVersion(transaction: Queryable): Promise<number> {
  // The right to make a schema is asked for also where there is one: so one that was made for this role comes first.
  // Looked up in the table: to_regnamespace may still answer from before the lock.
  const { rows } = await transaction.query(`SELECT FROM pg_namespace WHERE nspname = 'hawser'`)
  if (rows.length === 0) await transaction.query('CREATE SCHEMA hawser')
  await transaction.query('CREATE TABLE IF NOT EXISTS hawser.schema_version (version integer NOT NULL)')
  return readVersion(transaction)
}

async function readVersion(transaction: Queryable): Promise<number> {
  const { rows } = await transaction.query<{ version: number | null }>(
    'SELECT max(version) AS version FROM hawser.schema_version',
  )
  return rows[0]?.version ?? 0
}

async function apply(transaction: Queryable, { version, sql }: Migration): Promise<void> {
  await runAll(transaction, sql.split(/;\s*\n/))
  await transaction.query('INSERT INTO hawser.schema_version VALUES ($1)', [version])
}

async function runAll(transaction: Queryable, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await transaction.query(statement)
}

const newerSchema = (version: number, known: number): HawserError =>
  new HawserError('DATA_DIR_VERSION', `the database has schema ${version}, this program knows ${known}`, {
    mend: 'use the newer program, or another database',
  })
