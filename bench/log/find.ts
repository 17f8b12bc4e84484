/**
 * What finding costs: `node bench/log/find.ts [--records 10000000] [--topics 1000] [--folder DIR]`.
 *
 * Fills a log, with 10 messages on a rare topic spread over it, waits until it is indexed, and times searches, first
 * with nothing in memory; then closes it, opens it again, and times that and the first search.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type FilterSpan, type Position, position, recordKind, reserveRefused } from '@hawser/engine'
import { type LocalLog, openLocalLog } from '@hawser/engine-local'
import { systemClock } from '@hawser/std'

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '10000000' },
    topics: { type: 'string', default: '1000' },
    folder: { type: 'string', default: tmpdir() },
  },
})
const records = Number(values.records)
const rareEvery = Math.ceil(records / 10)
const topics = Array.from({ length: Number(values.topics) }, (_, index) =>
  Buffer.from(`site/${index % 50}/machine/${index}/state`),
)
const rareTopic = Buffer.from('site/7/furnace/x9/alarm')
const body = Buffer.alloc(92, 'x')

const span = (filter: string): FilterSpan => ({
  filter,
  since: position(0),
  until: Number.POSITIVE_INFINITY as Position,
})

async function fill(log: LocalLog): Promise<void> {
  let sent = 0
  await new Promise<void>((resolve) => {
    const more = (): void => {
      for (let count = 0; count < 20_000 && sent < records; count++, sent++) {
        const topic =
          sent % rareEvery === rareEvery >> 1 ? rareTopic : (topics[(sent * 7919) % topics.length] ?? rareTopic)
        const at = log.reserve(recordKind.publish, 1, topic.length, body.length)
        if (at === reserveRefused) break
        topic.copy(log.buffer, at)
        body.copy(log.buffer, at + topic.length)
      }
    }
    const listening = log.onCommit((batch) => {
      if (batch.firstTicket + batch.count < records) return more()
      listening[Symbol.dispose]()
      resolve()
    })
    more()
  })
}

async function timed<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
  const started = performance.now()
  const usedBefore = process.cpuUsage()
  const result = await run()
  const tookMs = performance.now() - started
  const used = process.cpuUsage(usedBefore)
  const shown = typeof result === 'number' ? `, ${result} records` : ''
  console.log(
    `${what}: ${tookMs.toFixed(1)} ms, ${((used.user + used.system) / 1_000).toFixed(0)} of processor${shown}`,
  )
  return result
}

async function count(log: LocalLog, filter: string, from = 0): Promise<number> {
  let found = 0
  for await (const batch of log.find(log.own, position(from), [span(filter)])) found += batch.count
  return found
}

async function readAll(log: LocalLog): Promise<number> {
  let found = 0
  for await (const batch of log.read(log.own, position(0))) found += batch.count
  return found
}

async function searches(log: LocalLog): Promise<void> {
  for (const filter of [
    'site/7/furnace/x9/alarm',
    '+/+/furnace/x9/alarm',
    '+/7/furnace/#',
    'site/+/machine/17/state',
    'none/+',
  ]) {
    for (const round of ['first', 'again']) await timed(`find ${filter}, ${round}`, () => count(log, filter))
  }
  const end = log.partitions()[0]?.end ?? 0
  await timed('find near the end', () => count(log, '+/+/machine/17/state', end - 20_000))
}

const folder = await mkdtemp(join(values.folder, 'hawser-bench-find-'))
const megabytes = (): string => `RSS ${Math.round(process.memoryUsage.rss() / 1e6)} MB`
try {
  {
    await using log = await openLocalLog({ folder, clock: systemClock })
    await timed(`append ${records}`, () => fill(log))
    console.log(`${Math.round((log.partitions()[0]?.bytes ?? 0) / 1e6)} MB on disk, ${megabytes()}`)
    await timed('until indexed', () => log.indexed())
    await searches(log)
    await timed('read all', () => readAll(log))
    console.log(megabytes())
  }
  await using log = await timed('open again', () => openLocalLog({ folder, clock: systemClock }))
  await timed('first wildcard find', () => count(log, '+/+/furnace/x9/alarm'))
} finally {
  await rm(folder, { recursive: true, force: true })
}
