/** The roles of docs/postgres.md, made by its own statements: what each can do, and what it cannot. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { factorySpecification } from '@hawser/streams'
import { type PostgresServer, postgresSkipReason, startPostgres } from '../../../../test/servers/postgres.ts'
import { append, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import {
  type ColumnDefinition,
  type Database,
  kpiConnector,
  migrate,
  openPostgresDatabase,
  rawConnector,
  SqlError,
  typedConnector,
} from './mod.ts'

const page = readFileSync(new URL('../../../../docs/postgres.md', import.meta.url), 'utf8')
/** The statements of each block, in order. */
const [asSuperuser = [], asOwner = []] = [...page.matchAll(/```sql\n(?<sql>.*?)```/gs)].map((block) =>
  (block.groups?.['sql'] ?? '').split(/;\n/).filter((statement) => statement.trim() !== ''),
)
const columns: readonly ColumnDefinition[] = [{ name: 'n', type: 'bigint', path: 'n' }]

const skip = postgresSkipReason()

describe('roles in PostgreSQL', { skip }, () => {
  const stack = new AsyncDisposableStack()
  let server: PostgresServer
  let owner: Database
  let writer: Database
  let reader: Database
  const as = async (role: string): Promise<Database> =>
    stack.use(await openPostgresDatabase({ url: server.url.replace('//hawser@', `//${role}@`) }))

  before(async () => {
    server = stack.use(await startPostgres())
    const superuser = await as('hawser')
    for (const statement of asSuperuser) await superuser.query(statement)
    owner = await as('hawser_owner')
    writer = await as('hawser_writer')
    reader = await as('hawser_reader')
    await opened(owner, columns)
    for (const statement of asOwner) await owner.query(statement)
  })
  after(() => stack.disposeAsync())

  it('lets the writer run every connector, and the reader read what it wrote', async () => {
    await using log = contractLog()
    append(log, 'factory/machines/m/telemetry', '{"n":1}')
    await committed(log)
    const connectors = [
      typed(writer, columns),
      rawConnector({ name: 'raw', database: writer, filters: ['#'] }),
      kpiConnector({ database: writer, specification: factorySpecification }),
    ]
    for (const connector of connectors) {
      await using watched = watch(log, connector)
      await watched.until(isCaughtUp)
    }
    assert.deepEqual((await reader.query('SELECT n FROM hawser.roles_typed')).rows, [{ n: 1 }])
    assert.deepEqual((await reader.query('SELECT count(*) AS rows FROM hawser.raw_telemetry')).rows, [{ rows: 1 }])
  })

  it('lets the writer neither change nor delete telemetry, nor change a table, and the reader nothing', async () => {
    const denied = (database: Database, sql: string) =>
      assert.rejects(
        database.query(sql),
        (error: unknown) => error instanceof SqlError && error.sqlState === '42501',
        sql,
      )
    for (const table of ['raw_telemetry', 'roles_typed']) {
      await denied(writer, `DELETE FROM hawser.${table}`)
      await denied(writer, `UPDATE hawser.${table} SET topic = 'x'`)
      await denied(writer, `ALTER TABLE hawser.${table} ADD COLUMN mine text`)
      await denied(writer, `TRUNCATE hawser.${table}`)
      await denied(reader, `INSERT INTO hawser.${table} (topic) VALUES ('x')`)
    }
    await denied(writer, 'CREATE TABLE hawser.mine (n bigint)')
    await denied(reader, `UPDATE hawser.cursors SET position = 0`)
  })

  it('lets the writer fill a table in partitions, and the owner after it, where none was made in time', async () => {
    const table = { name: 'roles_parted', columns, partitionHours: 1 }
    const parted = (name: string, database: Database) => typedConnector({ name, database, filters: ['#'], table })
    await using log = contractLog()
    {
      await using _sink = await parted('parted', owner).open(log.id, new AbortController().signal)
    }
    append(log, 'a', '{"n":1}')
    await committed(log)
    await using byWriter = watch(log, parted('parted', writer))
    await byWriter.until((view) => view.written === 1)
    append(log, 'a', '{"n":2}')
    await committed(log)
    await using byOwner = watch(log, parted('parted-too', owner))
    await byOwner.until((view) => view.written + view.duplicates === 2)
    await byWriter.until((view) => view.written + view.duplicates === 2)
    const { rows } = await reader.query('SELECT n FROM hawser.roles_parted ORDER BY n')
    assert.deepEqual(rows, [{ n: 1 }, { n: 2 }])
  })

  it('has the owner part raw telemetry, and the writer fill it then', async () => {
    await using log = contractLog()
    append(log, 'a', '{}')
    await committed(log)
    const parted = (database: Database) =>
      rawConnector({ name: 'raw-parted', database, filters: ['#'], partitions: { partitionHours: 1 } })
    await using byWriter = watch(log, parted(writer))
    const { state } = await byWriter.until((view) => view.state.kind === 'failed')
    assert.match(state.kind === 'failed' ? state.reason : '', /may not make them; start it once as the role that owns/)
    {
      await using _sink = await parted(owner).open(log.id, new AbortController().signal)
    }
    byWriter.run.resume()
    await byWriter.until((view) => view.written === 1)
    const { rows } = await reader.query('SELECT FROM hawser.raw_telemetry WHERE log_id = $1', [log.id])
    assert.equal(rows.length, 1)
  })

  it('fails with the reason where only the owner can go on: a new column, an older schema', async () => {
    await using log = contractLog()
    await using watched = watch(log, typed(writer, [...columns, { name: 'more', type: 'text', path: 'more' }]))
    const { state } = await watched.until((view) => view.state.kind === 'failed')
    assert.match(state.kind === 'failed' ? state.reason : '', /must be owner.*SQLSTATE 42501/)
    await assert.rejects(migrate(writer, undefined, [{ version: 99, sql: '' }]), {
      code: 'SINK_REFUSED',
      mend: /as the role that owns the schema/,
    })
    await assert.rejects(migrate(writer, undefined, []), { code: 'DATA_DIR_VERSION' })
  })

  it('says no password where the server refuses or cannot be reached', async () => {
    const withPassword = server.url.replace('//hawser@', '//hawser:s3cr3t@')
    for (const url of [withPassword.replace(/postgres$/, 'nowhere'), 'postgres://hawser:s3cr3t@127.0.0.1:1/x']) {
      await using database = await openPostgresDatabase({ url })
      await using log = contractLog()
      await using watched = watch(log, typed(database, columns))
      const view = await watched.until(({ state, lastError }) => state.kind === 'failed' || lastError !== undefined)
      assert.match(JSON.stringify(view), /does not exist|ECONNREFUSED/)
      assert.doesNotMatch(JSON.stringify(view), /s3cr3t/)
    }
  })
})

const typed = (database: Database, of: readonly ColumnDefinition[]) =>
  typedConnector({ name: 'typed', database, filters: ['#'], table: { name: 'roles_typed', columns: of } })

/** Makes the tables, as a start with this role does; without a cursor. */
async function opened(database: Database, of: readonly ColumnDefinition[]): Promise<void> {
  await using log = contractLog()
  await using _sink = await typed(database, of).open(log.id, new AbortController().signal)
}
