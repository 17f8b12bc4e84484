/** What a broker writes and syncs, counted by strace in a run of its own: being watched costs time. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Program } from './cores.ts'

export interface DiskUse {
  readonly bytes: number
  readonly syncs: number
  /** What of it was acknowledged. */
  readonly messages: number
}

export const hasStrace = (): boolean => spawnSync('strace', ['-V']).error === undefined

/** Positioned writes are files'; sockets and the wake-ups of threads have calls of their own. */
const writes = ['pwrite64', 'pwritev', 'pwritev2']
const syncs = ['fdatasync', 'fsync', 'msync', 'sync_file_range']

/** The tracer is a grandchild (-D), so that the process started is the broker. */
export const tracedInto =
  (path: string) =>
  ({ program, args }: Program): Program => ({
    program: 'strace',
    args: [
      '-D',
      '-f',
      '--seccomp-bpf',
      '-s',
      '0',
      '-o',
      path,
      '-e',
      `trace=${[...writes, ...syncs]}`,
      program,
      ...args,
    ],
  })

export const diskUseOf = (path: string, messages: number): DiskUse => ({
  ...countCalls(readFileSync(path, 'utf8')),
  messages,
})

/** A call that another thread's interrupts stands in two lines, of which the second bears the result. */
export function countCalls(trace: string): Omit<DiskUse, 'messages'> {
  let bytes = 0
  let synced = 0
  for (const [, call = '', result] of trace.matchAll(/^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed>).*\) += (\d+)/gm)) {
    if (writes.includes(call)) bytes += Number(result)
    else if (syncs.includes(call)) synced++
  }
  return { bytes, syncs: synced }
}
