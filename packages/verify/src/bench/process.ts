/** One process of a load: it is sent a job, keeps step with the others, answers what it counted, and ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type HoldJob, holdConnections, runTraffic } from './load/mod.ts'
import type { FromProcess, HoldTally, Tally, ToProcess } from './messages.ts'
import type { ProcessJob } from './scenario.ts'

const go = Promise.withResolvers<void>()
const allPublished = Promise.withResolvers<readonly number[]>()
const stopping = new AbortController()
let isConnected = false

const tell = (message: FromProcess): void => {
  if (process.connected) process.send?.(message)
}

const connected = (): Promise<void> => {
  isConnected = true
  tell({ kind: 'connected' })
  return go.promise
}

const fail = (error: unknown): void => {
  tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  process.disconnect()
  process.exitCode = 1
}

/** What is wrong with a broker's bytes is found in the middle of a read. */
process.on('uncaughtException', fail)
process.on('disconnect', () => process.exit())
// The terminal's Ctrl-C reaches all processes: the first one says what is to be done.
process.on('SIGINT', () => {})
process.on('message', (message: ToProcess) => {
  switch (message.kind) {
    case 'job':
      run(message.job).then((tally) => tell({ kind: 'done', tally }), fail)
      return
    case 'go':
      return go.resolve()
    case 'published':
      return allPublished.resolve(message.published)
    case 'stop':
      stopping.abort()
      if (!isConnected) fail('stopped before all were connected')
      return
    default:
      throw message satisfies never
  }
})

async function run(work: ProcessJob): Promise<Tally> {
  if (work.kind === 'hold') return { kind: 'hold', tally: await hold(work.job, work.seconds) }
  const tally = await runTraffic(work.job, {
    connected,
    published(published) {
      tell({ kind: 'published', published })
      return allPublished.promise
    },
    onProgress: (progress) => tell({ kind: 'progress', progress }),
    signal: stopping.signal,
  })
  return { kind: 'traffic', tally }
}

async function hold(job: HoldJob, seconds: number): Promise<HoldTally> {
  using held = await holdConnections(job)
  const { openedPerSecond, connecting, subscribing } = held
  await connected()
  await sleep(seconds * 1000, undefined, { signal: stopping.signal }).catch(() => {})
  return { opened: job.connections, openedPerSecond, connecting, subscribing, closed: held.closed() }
}
