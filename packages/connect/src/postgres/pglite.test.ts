/** Everything that PostgreSQL does, on the embedded one; a single start, because a new folder takes seconds. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { machineTemperature, readRecording, recordingsMissing } from '../../../../test/recordings/recording.ts'
import { connectorContract } from '../contract/mod.ts'
import { killAgain } from '../testing/kill-again.ts'
import { migrate, openPGliteDatabase } from './mod.ts'
import { countOf } from './testing/count.ts'
import { kpiSuite } from './testing/kpi.suite.ts'
import { partitionsSuite } from './testing/partitions.suite.ts'
import { rawSuite } from './testing/raw.suite.ts'
import { schemaSuite } from './testing/schema.suite.ts'
import { rawTable, sinkOver, typedTable } from './testing/sink-under-test.ts'
import { typedSuite } from './testing/typed.suite.ts'

const folder = await temporaryFolder()
const database = openPGliteDatabase({ folder: folder.path })
after(async () => {
  await database[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

for (const table of [rawTable, typedTable]) {
  connectorContract({ name: `${table.table} in PGlite`, open: async () => sinkOver(table, database) })
}
rawSuite({ name: 'PGlite', database: async () => database })
const recorded = { skip: recordingsMissing, payloads: () => readRecording(machineTemperature).payloads }
typedSuite({ name: 'PGlite', database: async () => database }, recorded)
kpiSuite({ name: 'PGlite', database: async () => database })
partitionsSuite({ name: 'PGlite', database: async () => database })
schemaSuite({ name: 'PGlite', database: async () => database })

describe('PGlite in a folder', () => {
  it('is one process at a time', async () => {
    await migrate(database)
    await using second = openPGliteDatabase({ folder: folder.path })
    await assert.rejects(second.query('SELECT 1'), { code: 'DATA_DIR_IN_USE', retryable: true })
  })

  it('keeps a transaction to itself where one that waits for its turn gives up', async () => {
    await database.query('CREATE TABLE public.turns (who text)')
    const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const first = database.transaction(async (transaction) => {
      await transaction.query(`INSERT INTO public.turns VALUES ('first')`)
      begun.resolve()
      await end.promise
      throw new Error('rolled back')
    })
    await begun.promise
    const giveUp = new AbortController()
    const second = database.transaction(async () => {}, giveUp.signal)
    giveUp.abort()
    await assert.rejects(second, { name: 'AbortError' })
    const third = database.query(`INSERT INTO public.turns VALUES ('third')`)
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    end.resolve()
    await assert.rejects(first, { message: 'rolled back' })
    await third
    assert.deepEqual((await database.query('SELECT who FROM public.turns')).rows, [{ who: 'third' }])
  })

  it('stops while it opens, and begins a folder anew that was left unfinished', async () => {
    const unfinished = join(folder.path, 'unfinished')
    {
      await using database = openPGliteDatabase({ folder: unfinished })
      const stop = new AbortController()
      const waiting = database.transaction(async () => {}, stop.signal)
      stop.abort()
      await assert.rejects(waiting, { name: 'AbortError' })
    }
    await mkdir(join(unfinished, 'database'), { recursive: true })
    await writeFile(join(unfinished, 'database', 'PG_VERSION'), 'torn')
    await using database = openPGliteDatabase({ folder: unfinished })
    assert.deepEqual((await database.query('SELECT 1 AS one')).rows, [{ one: 1 }])
  })

  it('holds each record once after kills of the process in the middle of transactions', async () => {
    const target = join(folder.path, 'killed')
    const [logId, messages] = ['killed-process', 1_500]
    assert.ok((await killAgain({ kind: 'pglite', target, logId, messages, kills: 2 })) >= 1)
    await using reopened = openPGliteDatabase({ folder: target })
    assert.deepEqual(await countOf(reopened, logId), { rows: 750, distinct: 750, first: 0, last: 1_498 })
  })
})
