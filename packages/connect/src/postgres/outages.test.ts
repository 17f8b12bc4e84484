/** What a real server says when it cannot go on for now: it is tried again, and each record is there once. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import pg from 'pg'
import { type PostgresServer, postgresSkipReason, startPostgres } from '../../../../test/servers/postgres.ts'
import { append, appendMany, committed, contractLog, isCaughtUp, logId, watch } from '../contract/bench-log.ts'
import { startProcess } from '../testing/kill-again.ts'
import { migrate, openPostgresDatabase, rawConnector } from './mod.ts'
import { countOf } from './testing/count.ts'

let running: Promise<PostgresServer> | undefined
const server = (): Promise<PostgresServer> => (running ??= startPostgres())
after(async () => (await running)?.[Symbol.asyncDispose]())

/** Somebody else's session. */
async function session(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: (await server()).url })
  await client.connect()
  return client
}

const ourSessions = `FROM pg_stat_activity WHERE application_name = 'hawser'`

async function untilOneWaits(client: pg.Client): Promise<void> {
  while ((await client.query(`SELECT ${ourSessions} AND wait_event_type = 'Lock'`)).rowCount === 0);
}

interface Disturbance {
  readonly client: pg.Client
  /** More for the connector to write. */
  readonly more: () => void
}

/** A connector at work; `disturb` has the server fail one of its transactions, and answers what mends that. */
async function triedAgain(
  name: string,
  sqlState: string,
  disturb: (disturbance: Disturbance) => Promise<() => Promise<unknown>>,
  options = '',
): Promise<void> {
  const client = await session()
  const url = `${(await server()).url}${options}`
  await using database = await openPostgresDatabase({ url, connectionsMax: 1 })
  await using log = contractLog()
  await using watched = watch(log, rawConnector({ name, database, filters: ['#'] }))
  let number = 0
  const more = (): void => {
    for (let count = 0; count < 50; count++) append(log, 't', `${number++}`)
  }
  more()
  await watched.until((view) => view.written === 50 && isCaughtUp(view))
  const mend = await disturb({ client, more })
  const refused = await watched.until((view) => view.lastError !== undefined)
  assert.match(refused.lastError ?? '', new RegExp(`SQLSTATE ${sqlState}`))
  assert.notEqual(refused.state.kind, 'failed')
  await mend()
  await watched.until((view) => view.written === 100 && isCaughtUp(view))
  assert.deepEqual(await countOf(database, log.id), { rows: 100, distinct: 100, first: 0, last: 99 })
  await client.end()
}

/** Holds what the connector needs in each transaction, until one of them waits for it. */
async function holdUp({ client, more }: Disturbance, connector: string): Promise<void> {
  await client.query('BEGIN')
  await client.query('UPDATE hawser.connectors SET epoch = epoch WHERE connector = $1', [connector])
  more()
  await untilOneWaits(client)
}

describe('PostgreSQL cannot go on', { skip: postgresSkipReason(), timeout: 120_000 }, () => {
  it('57P01: an administrator ends its session', () =>
    triedAgain('ended', '57P01', async (disturbance) => {
      await holdUp(disturbance, 'ended')
      await disturbance.client.query(`SELECT pg_terminate_backend(pid) ${ourSessions}`)
      return () => disturbance.client.query('COMMIT')
    }))

  it('57014: a statement takes longer than it may', () =>
    triedAgain(
      'slow',
      '57014',
      async (disturbance) => {
        await holdUp(disturbance, 'slow')
        return () => disturbance.client.query('COMMIT')
      },
      '?statement_timeout=200',
    ))

  it('40001: another transaction changed what it read, at a stricter isolation', () =>
    triedAgain(
      'serialized',
      '40001',
      async (disturbance) => {
        await holdUp(disturbance, 'serialized')
        await disturbance.client.query('COMMIT')
        return async () => undefined
      },
      `?options=${encodeURIComponent('-c default_transaction_isolation=serializable')}`,
    ))

  it('58P01: a file of the table is away', () =>
    triedAgain('away', '58P01', async ({ client, more }) => {
      const { rows } = await client.query(
        `SELECT current_setting('data_directory') AS folder, pg_relation_filepath('hawser.raw_telemetry') AS file`,
      )
      const file = join(rows[0].folder, rows[0].file)
      await rename(file, `${file}.away`)
      // A session that has the file open would not miss it.
      await client.query(`SELECT pg_terminate_backend(pid, 10000) ${ourSessions}`)
      more()
      return () => rename(`${file}.away`, file)
    }))

  it('lets another take over from an owner that stands still in a transaction, and that changes nothing when it wakes', async () => {
    const client = await session()
    await using database = await openPostgresDatabase({ url: (await server()).url })
    await migrate(database)
    const { rows: unlessTold } = await database.query('SHOW idle_in_transaction_session_timeout')
    assert.deepEqual(unlessTold, [{ idle_in_transaction_session_timeout: '30s' }])
    const process = { kind: 'postgres', logId: 'stalled', messages: 2_000 } as const
    const { url } = await server()
    const old = startProcess({ ...process, target: `${url}?idle_in_transaction_session_timeout=300` })
    old.stdout.resume()
    const ended = once(old, 'exit')
    await client.query('BEGIN')
    while ((await client.query(`SELECT FROM hawser.cursors WHERE connector = 'postgres' FOR UPDATE`)).rowCount === 0);
    await untilOneWaits(client)
    old.kill('SIGSTOP')
    await client.query('COMMIT')

    {
      await using log = contractLog({ id: logId(process.logId) })
      appendMany(log, process.messages)
      await committed(log)
      await using watched = watch(log, rawConnector({ database, filters: ['t/+'] }))
      await watched.until(isCaughtUp)
    }
    const versions = `SELECT count(*)::int AS rows, max(xmin::text::bigint) AS newest, sum(xmin::text::bigint) AS all
      FROM hawser.raw_telemetry WHERE log_id = 'stalled'`
    const before = (await client.query(versions)).rows
    assert.equal(before[0].rows, 1_000)
    old.kill('SIGCONT')
    assert.deepEqual(await ended, [0, null])
    assert.deepEqual((await client.query(versions)).rows, before)
    await client.end()
  })
})
