/** Durable sessions without connection, up to a million: disk and memory each, the start among them, and one that wakes. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../brokers/running-broker.ts'
import { restingBytes, row, startGrown, table } from './broker.ts'
import { Client } from './client.ts'

const atOnce = 64
const wakes = 200

const topicOf = (index: number): string => `home/${index % 1_000}/device/${index}`

export async function sessions(countMax: number): Promise<void> {
  table(
    'sessions offline',
    'made, each s',
    'disk, bytes each',
    'resident after a restart, MB',
    'start, ms',
    'CONNECT to the message waiting, p50/p99 ms',
  )
  for (let count = Math.min(10_000, countMax); count <= countMax; count *= 10) await measure(count)
}

async function measure(count: number): Promise<void> {
  using folder = temporaryFolder()
  const started = performance.now()
  {
    await using broker = await startGrown(folder.path, 'disk')
    let next = 0
    const work = async (): Promise<void> => {
      for (let index = next++; index < count; index = next++) {
        const client = await Client.connect(broker.port, { clientId: `device-${index}`, durable: true })
        await client.subscribe([topicOf(index)], 1)
        await client.disconnect()
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    await broker.end('SIGTERM')
  }
  const perSecond = count / ((performance.now() - started) / 1_000)
  const diskBytes = bytesOf(join(folder.path, 'data')) / count
  await using broker = await startGrown(folder.path, 'disk')
  const megabytes = (await restingBytes(broker)) / 1e6
  const waits: number[] = []
  using publisher = await Client.connect(broker.port, { clientId: 'publisher' })
  for (let wake = 0; wake < wakes; wake++) {
    const index = (wake * 104_729) % count
    publisher.publish(topicOf(index), 1)
    await publisher.next('puback')
    const since = performance.now()
    using client = await Client.connect(broker.port, { clientId: `device-${index}`, durable: true })
    if (client.published === 0) await client.next('publish')
    waits.push(performance.now() - since)
  }
  waits.sort((left, right) => left - right)
  const at = (share: number): string => (waits[Math.floor(share * (wakes - 1))] ?? 0).toFixed(1)
  row(
    count,
    Math.round(perSecond),
    Math.round(diskBytes),
    Math.round(megabytes),
    Math.round(broker.startMs),
    `${at(0.5)} / ${at(0.99)}`,
  )
}

function bytesOf(folder: string): number {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0)
}
