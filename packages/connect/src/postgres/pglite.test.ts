/** Everything that PostgreSQL does, on the embedded one; a single start, because a new folder takes seconds. */
import { after } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { connectorContract } from '../contract/mod.ts'
import { openPGliteDatabase } from './mod.ts'
import { kpiSuite } from './testing/kpi.suite.ts'
import { rawSuite } from './testing/raw.suite.ts'
import { schemaSuite } from './testing/schema.suite.ts'
import { sinkOver } from './testing/sink-under-test.ts'

const folder = await temporaryFolder()
const database = openPGliteDatabase({ folder: folder.path })
after(async () => {
  await database[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

connectorContract({ name: 'raw telemetry in PGlite', open: async () => sinkOver(database) })
rawSuite({ name: 'PGlite', database: async () => database })
kpiSuite({ name: 'PGlite', database: async () => database })
schemaSuite({ name: 'PGlite', database: async () => database })
