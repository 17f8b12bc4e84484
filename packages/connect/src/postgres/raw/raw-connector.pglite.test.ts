import { after } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { connectorContract } from '../../contract/mod.ts'
import { openPGliteDatabase } from '../mod.ts'
import { sinkOver } from '../testing/sink-under-test.ts'

const folder = await temporaryFolder()
const database = openPGliteDatabase({ folder: folder.path })
after(async () => {
  await database[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

connectorContract({ name: 'raw telemetry in PGlite', open: async () => sinkOver(database) })
