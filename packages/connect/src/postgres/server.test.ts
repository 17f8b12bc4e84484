/** Everything that PostgreSQL does, on a real server that is killed now and then. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { machineTemperature, readRecording, recordingsMissing } from '../../../../test/recordings/recording.ts'
import { type PostgresServer, postgresSkipReason, startPostgres } from '../../../../test/servers/postgres.ts'
import { appendMany, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { connectorContract } from '../contract/mod.ts'
import { killAgain } from '../testing/kill-again.ts'
import { type Database, migrate, openPostgresDatabase, rawConnector } from './mod.ts'
import { countOf } from './testing/count.ts'
import { kpiSuite } from './testing/kpi.suite.ts'
import { partitionsSuite } from './testing/partitions.suite.ts'
import { rawSuite } from './testing/raw.suite.ts'
import { schemaSuite } from './testing/schema.suite.ts'
import { rawTable, sinkOver, typedTable } from './testing/sink-under-test.ts'
import { typedSuite } from './testing/typed.suite.ts'

interface Running {
  readonly server: PostgresServer
  readonly database: Database
}

let running: Promise<Running> | undefined
const skip = postgresSkipReason()

function run(): Promise<Running> {
  running ??= startPostgres().then(async (server) => ({
    server,
    database: await openPostgresDatabase({ url: server.url }),
  }))
  return running
}

after(async () => {
  const { server, database } = (await running) ?? {}
  await database?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
})

const waived: Readonly<Record<string, string>> = skip === false ? {} : { all: skip }
const database = async (): Promise<Database> => (await run()).database

for (const table of [rawTable, typedTable]) {
  connectorContract({
    name: `${table.table} in PostgreSQL`,
    waived,
    async open() {
      const { server } = await run()
      return sinkOver(table, await database(), { fail: () => server.kill(), mend: () => server.start() })
    },
  })
}
rawSuite({ name: 'PostgreSQL', database, skip })
const recorded = { skip: recordingsMissing, payloads: () => readRecording(machineTemperature).payloads }
typedSuite({ name: 'PostgreSQL', database, skip }, recorded)
kpiSuite({ name: 'PostgreSQL', database, skip })
partitionsSuite({ name: 'PostgreSQL', database, skip })
schemaSuite({ name: 'PostgreSQL', database, skip })

describe('PostgreSQL by URL', { skip }, () => {
  it('fails with the reason where the database is not there', async () => {
    const { server } = await run()
    await using missing = await openPostgresDatabase({ url: server.url.replace(/postgres$/, 'nowhere') })
    await using log = contractLog()
    appendMany(log, 4)
    await committed(log)
    await using watched = watch(log, rawConnector({ database: missing, filters: ['t/+'] }))
    const { state } = await watched.until((view) => view.state.kind === 'failed')
    assert.match(state.kind === 'failed' ? state.reason : '', /"nowhere" does not exist \(SQLSTATE 3D000\)/)
  })

  it('is brought to its schema once by several that start together', async () => {
    const { server } = await run()
    await (await database()).query('CREATE DATABASE together')
    const url = server.url.replace(/postgres$/, 'together')
    const databases = await Promise.all([1, 2, 3].map(() => openPostgresDatabase({ url })))
    await Promise.all(databases.map((one) => migrate(one)))
    const { rows } = (await databases[0]?.query('SELECT version FROM hawser.schema_version')) ?? { rows: [] }
    assert.deepEqual(rows, [{ version: 1 }])
    await Promise.all(databases.map((one) => one[Symbol.asyncDispose]()))
  })

  it('holds each record once after kills of the process in the middle of transactions', async () => {
    const { server } = await run()
    const [logId, messages] = ['killed-process', 4_000]
    assert.ok((await killAgain({ kind: 'postgres', target: server.url, logId, messages, kills: 8 })) >= 4)
    assert.deepEqual(await countOf(await database(), logId), { rows: 2_000, distinct: 2_000, first: 0, last: 3_998 })
  })

  it('goes on where the server was killed in the middle of a catch-up', async () => {
    const { server } = await run()
    await using log = contractLog()
    appendMany(log, 4_000)
    await committed(log)
    const connector = rawConnector({ name: 'killed-server', database: await database(), filters: ['t/+'] })
    await using watched = watch(log, connector)
    for (const written of [200, 700, 1_400]) {
      await watched.until((view) => view.written >= written)
      await server.kill()
      await server.start()
    }
    await watched.until(isCaughtUp)
    assert.deepEqual(await countOf(await database(), log.id), { rows: 2_000, distinct: 2_000, first: 0, last: 3_998 })
  })
})
