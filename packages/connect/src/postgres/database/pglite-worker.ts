/** The embedded database in a thread of its own, so that its statements do not hold up the broker's event loop. */
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { closeRequest, type Reply, type Request, type WorkerInput } from './pglite-protocol.ts'

const port = parentPort
if (port === null) throw new Error('this module runs in a worker thread')
const reply = (message: Reply): void => port.postMessage(message)

async function answer(database: PGlite, { id, sql, parameters }: Request): Promise<Reply> {
  try {
    const { rows, affectedRows = 0 } = await database.query<Record<string, unknown>>(sql, [...parameters])
    return { kind: 'result', id, result: { rows, affected: affectedRows } }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const sqlState = error instanceof Error && 'code' in error ? String(error.code) : undefined
    return { kind: 'error', id, sqlState, message }
  }
}

const { folder } = workerData as WorkerInput
try {
  const database = await PGlite.create({ dataDir: folder })
  // Requests are answered in the order of their coming: the database queues them itself.
  port.on('message', async (request: Request | typeof closeRequest) => {
    if (request !== closeRequest) return reply(await answer(database, request))
    await database.close()
    port.close()
  })
  reply({ kind: 'opened' })
} catch (error) {
  reply({ kind: 'not-opened', message: error instanceof Error ? error.message : String(error) })
}
