/**
 * A process that runs one connector over a log that it makes anew, the same each time, and that may be killed at any
 * instant. It prints `written` after each batch, and ends by itself once all is done.
 *
 *   node process-to-kill.ts <file|pglite|postgres|webhook> <folder or URL> <log id> <messages> [folder of state]
 */
import { openLocalState } from '@hawser/engine-local'
import { systemClock } from '@hawser/std'
import type { Connector } from '../connector.ts'
import { appendMany, committed, contractLog, isCaughtUp, logId, watch } from '../contract/bench-log.ts'
import { fileConnector } from '../file/mod.ts'
import { openPGliteDatabase, openPostgresDatabase, rawConnector } from '../postgres/mod.ts'
import { webhookConnector } from '../webhook/mod.ts'

const [kind = '', target = '', id = '', messages = '', stateFolder = ''] = process.argv.slice(2)
const filters = ['t/+']

async function connectorOf(): Promise<Connector> {
  if (kind === 'pglite') return rawConnector({ database: openPGliteDatabase({ folder: target }), filters })
  if (kind === 'postgres') return rawConnector({ database: await openPostgresDatabase({ url: target }), filters })
  if (kind === 'webhook') {
    const state = await openLocalState({ folder: stateFolder })
    return webhookConnector({ url: target, state, clock: systemClock, filters })
  }
  const onTidyError = (error: unknown): void => void process.stderr.write(`${error}\n`)
  const limits = { fileBytesMax: 20_000, filesMax: 10_000 }
  return fileConnector({ folder: target, filters, clock: systemClock, limits, onTidyError })
}

const log = contractLog({ id: logId(id) })
appendMany(log, Number(messages))
await committed(log)
const watched = watch(log, await connectorOf(), { batchMessagesMax: 20 })
await watched.until((view) => {
  process.stdout.write('written\n')
  return isCaughtUp(view)
})
await watched[Symbol.asyncDispose]()
process.exit(0)
