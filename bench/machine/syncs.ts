/** What the disk itself takes, where the data folders are: nobody who syncs before acknowledging is faster. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SyncMicros {
  readonly p50: number
  readonly p99: number
}

const blockBytes = 4_096

/** 4 KiB written over zeroes and synced, one after the other: data alone, as a log does that grows in advance. */
export function measureSyncs(count: number): SyncMicros {
  const path = join(tmpdir(), `hawser-bench-sync-${process.pid}`)
  const file = openSync(path, 'w')
  writeSync(file, Buffer.alloc(count * blockBytes))
  fdatasyncSync(file)
  const block = Buffer.alloc(blockBytes, 'x')
  const times = Array.from({ length: count }, (_, index) => {
    const startedMs = performance.now()
    writeSync(file, block, 0, block.length, index * block.length)
    fdatasyncSync(file)
    return (performance.now() - startedMs) * 1_000
  }).sort((left, right) => left - right)
  closeSync(file)
  rmSync(path)
  const at = (share: number): number => times[Math.floor(share * count)] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}
