/** What a connection costs that does nothing. */
import { setTimeout as sleep } from 'node:timers/promises'
import { residentBytes } from '../machine/processes.ts'
import { connectAll } from './connect-all.ts'
import { IdleConnection } from './connection.ts'
import type { IdleJob, IdleResult } from './job.ts'

/** Until the broker's memory stands still. */
const settleMs = 2000

export async function runIdle({ port, brokerPid, connections }: IdleJob): Promise<IdleResult> {
  await sleep(settleMs)
  const bytesBefore = residentBytes(brokerPid)
  const startedMs = performance.now()
  const opened: IdleConnection[] = []
  const onClosed = (): void => {
    throw new Error(`the broker closed an idle connection, ${opened.length} were open`)
  }
  await connectAll(Array.from({ length: connections }), async (_, index) => {
    const connection = new IdleConnection({ port, onClosed })
    await connection.open(`bench-idle-${index}`, true)
    opened.push(connection)
  })
  const seconds = (performance.now() - startedMs) / 1000
  await sleep(settleMs)
  const bytesPerConnection = (residentBytes(brokerPid) - bytesBefore) / connections
  for (const connection of opened) connection.close()
  return { kind: 'idle', connections, bytesPerConnection, connectionsPerSecond: connections / seconds }
}
