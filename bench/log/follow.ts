/**
 * How soon, and how fast, a process is handed what another one commits: `node bench/log/follow.ts`.
 *
 * One member appends in a process of its own, this one follows. First 1,000 records a second, each with the time at
 * which it was appended (a clock that all processes of a host share), then as many as the disk takes.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { recordKind, recordTopicEnd, reserveRefused } from '@hawser/engine'
import { openLocalEngine } from '@hawser/engine-local'
import { systemClock, systemRandom } from '@hawser/std'

const bodyBytes = 64
const pacedRecords = 5000
const floodRecords = 2_000_000
const topic = Buffer.from('bench/follow')
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

const openMember = (folder: string) =>
  openLocalEngine({ folder, clock: systemClock, random: systemRandom, share: 'member' })

async function append(folder: string): Promise<void> {
  await using engine = await openMember(folder)
  const { log } = engine
  const add = (): boolean => {
    if (log.congested) return false
    const at = log.reserve(recordKind.publish, 1, topic.length, bodyBytes)
    if (at === reserveRefused) return false
    topic.copy(log.buffer, at)
    log.buffer.writeDoubleLE(nowMs(), at + topic.length)
    return true
  }
  process.send?.('ready')
  await once(process, 'message')
  let left = pacedRecords
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (left-- > 0) add()
      else resolve(clearInterval(timer))
    }, 1)
  })
  process.send?.('paced')
  await once(process, 'message')
  for (let count = 0; count < floodRecords; ) {
    while (count < floodRecords && add()) count++
    await new Promise(setImmediate)
  }
  await once(process, 'message')
  process.disconnect?.()
}

async function follow(folder: string, child: ChildProcess): Promise<void> {
  await using engine = await openMember(folder)
  const latencies: number[] = []
  let seen = 0
  let onSeen = (): void => {}
  engine.log.onCommit((batch) => {
    if (batch.firstTicket >= 0) return
    const now = nowMs()
    if (latencies.length < pacedRecords) {
      for (let index = 0; index < batch.count; index++) {
        latencies.push(now - batch.bytes.readDoubleLE(recordTopicEnd(batch.bytes, batch.offsets[index] ?? 0)))
      }
    }
    seen += batch.count
    onSeen()
  })
  const reached = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onSeen = () => seen >= count && resolve()
      onSeen()
    })
  child.send('go')
  await reached(pacedRecords)
  latencies.sort((left, right) => left - right)
  const at = (share: number): string => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2)
  console.log(`append to handed over elsewhere, 1 k/s: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(0.9999)} ms`)
  const start = nowMs()
  child.send('go')
  await reached(pacedRecords + floodRecords)
  const seconds = (nowMs() - start) / 1000
  console.log(
    `${floodRecords} records handed over in ${seconds.toFixed(2)} s: ${Math.round(floodRecords / seconds / 1000)} k/s`,
  )
  child.send('end')
}

const [given] = process.argv.slice(2)
if (given !== undefined) await append(given)
else {
  const folder = await mkdtemp(join(tmpdir(), 'hawser-follow-'))
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), folder], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  await follow(folder, child)
  await once(child, 'exit')
  await rm(folder, { recursive: true })
}
