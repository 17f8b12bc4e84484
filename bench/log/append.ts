/**
 * What an append costs: `node bench/log/append.ts [--records 2000000] [--folder DIR]`.
 *
 * Records of 130 bytes (head, topic, body), durable before they count. `outstanding` is how many an appender has on
 * their way to the disk at most; latency is from reserve to the listener's call, by sampling.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type MessageLog, recordKind, reserveRefused } from '@hawser/engine'
import { openLocalLog } from '@hawser/engine-local'
import { systemClock } from '@hawser/std'

const { values } = parseArgs({
  options: { records: { type: 'string', default: '2000000' }, folder: { type: 'string', default: tmpdir() } },
})
const records = Number(values.records)
const topics = Array.from({ length: 1000 }, (_, index) => Buffer.from(`site/${index % 50}/machine/${index}/state`))
const body = Buffer.alloc(100, 'x')
const sampleEvery = 61

const milliseconds = (value: number): string => value.toFixed(3)
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN

function append(log: MessageLog, index: number): boolean {
  const topic = topics[index % topics.length] ?? body
  const at = log.reserve(recordKind.publish, 1, topic.length, body.length)
  if (at === reserveRefused) return false
  topic.copy(log.buffer, at)
  body.copy(log.buffer, at + topic.length)
  return true
}

/** Keeps `outstanding` records on their way until `total` are durable. */
async function run(log: MessageLog, total: number, outstanding: number): Promise<void> {
  const first = log.lastTicket + 1
  const sampledAt: number[] = []
  const latencies: number[] = []
  let batches = 0
  let durable = 0
  const started = performance.now()
  await new Promise<void>((resolve) => {
    const fill = (): void => {
      const end = Math.min(total, durable + outstanding)
      for (let sent = log.lastTicket + 1 - first; sent < end; sent++) {
        if (!append(log, sent)) break
        if (sent % sampleEvery === 0) sampledAt.push(performance.now())
      }
    }
    const listening = log.onCommit((batch) => {
      batches++
      const now = performance.now()
      durable += batch.count
      while (latencies.length * sampleEvery < durable) latencies.push(now - (sampledAt[latencies.length] ?? Number.NaN))
      if (durable < total) return fill()
      listening[Symbol.dispose]()
      resolve()
    })
    fill()
  })
  const seconds = (performance.now() - started) / 1000
  latencies.sort((left, right) => left - right)
  const rate = Math.round(total / seconds).toLocaleString('en')
  console.log(
    `outstanding ${outstanding}: ${rate} records/s, p50 ${milliseconds(quantile(latencies, 0.5))} ms, ` +
      `p99 ${milliseconds(quantile(latencies, 0.99))} ms, ${Math.round(total / batches)} records a commit`,
  )
}

async function reserveCost(log: MessageLog): Promise<void> {
  const rounds = 100_000
  const times: number[] = []
  for (let turn = 0; turn < 20; turn++) {
    const started = performance.now()
    for (let index = 0; index < rounds; index++) log.reserve(recordKind.publish, 1, 22, 100)
    times.push(((performance.now() - started) * 1e6) / rounds)
    await new Promise<void>((resolve) => {
      const listening = log.onCommit((batch) => {
        if (batch.firstTicket + batch.count <= log.lastTicket) return
        listening[Symbol.dispose]()
        resolve()
      })
    })
  }
  times.sort((left, right) => left - right)
  console.log(`reserve: ${quantile(times, 0.5).toFixed(1)} ns (median of ${times.length} runs of ${rounds})`)
}

const folder = await mkdtemp(join(values.folder, 'hawser-bench-log-'))
try {
  const openedAt = performance.now()
  await using log = await openLocalLog({ folder, clock: systemClock })
  console.log(
    `open: ${milliseconds(performance.now() - openedAt)} ms, RSS ${Math.round(process.memoryUsage.rss() / 1e6)} MB`,
  )
  await reserveCost(log)
  await run(log, 20_000, 1)
  await run(log, 200_000, 100)
  for (const outstanding of [1000, 10_000, 30_000]) await run(log, records, outstanding)
  console.log(`RSS ${Math.round(process.memoryUsage.rss() / 1e6)} MB`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
