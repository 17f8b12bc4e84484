/** Members in processes of their own, and what this process is handed of them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Members, MessageLog, Partition } from '@hawser/engine'
import { recordsOf } from '@hawser/engine/contract'
import { digestOf } from '../../log/testing/signed-records.ts'

const memberPath = fileURLToPath(new URL('./member.ts', import.meta.url))

export interface MemberProcess extends AsyncDisposable {
  readonly lane: Partition
  /** Of what it said to be durable, by position. */
  readonly acknowledged: ReadonlyMap<number, string>
  /** Resolves once it has said that so many records are durable, or has ended. */
  acknowledgedMany(count: number): Promise<void>
  /** Resolves once it has written a row. */
  writeRow(key: string): Promise<void>
  signal(signal: NodeJS.Signals): void
  readonly ended: Promise<NodeJS.Signals | null>
}

export async function startMember(
  folder: string,
  generation: number,
  mode: 'append' | 'idle',
  silentMs: number,
): Promise<MemberProcess> {
  const child = spawn(process.execPath, [memberPath, folder, String(generation), mode, String(silentMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  })
  const acknowledged = new Map<number, string>()
  const opened = Promise.withResolvers<Partition>()
  let onLine = (_line: string): void => {}
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    const [position = '', digest = ''] = line.split(' ')
    if (position === 'open') opened.resolve(Number(digest) as Partition)
    else if (position !== 'written') acknowledged.set(Number(position), digest)
    onLine(line)
  })
  const ended = Promise.all([once(lines, 'close'), once(child, 'exit')]).then(() => child.signalCode)
  void ended.then(() => opened.reject(new Error('the member has ended before it was open')))
  const until = (isSo: (line: string) => boolean): Promise<void> => {
    return new Promise((resolve) => {
      onLine = (line) => isSo(line) && resolve()
      onLine('')
      void ended.then(() => resolve())
    })
  }
  return {
    lane: await opened.promise,
    acknowledged,
    ended,
    acknowledgedMany: (count) => until(() => acknowledged.size >= count),
    writeRow(key) {
      child.stdin.write(`${key}\n`)
      return until((line) => line === 'written')
    },
    signal: (signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Digests of all that is handed over of other lanes, by position; throws where one position brings two things. */
export function digestsOf(log: MessageLog): ReadonlyMap<Partition, ReadonlyMap<number, string>> {
  const lanes = new Map<Partition, Map<number, string>>()
  log.onCommit((batch) => {
    if (batch.partition === log.own) return
    const seen = lanes.get(batch.partition) ?? new Map<number, string>()
    lanes.set(batch.partition, seen)
    for (const { position, body } of recordsOf(batch)) {
      if (seen.has(position)) throw new Error(`position ${position} is handed over twice`)
      seen.set(position, digestOf(body))
    }
  })
  return lanes
}

export const orphaned = (members: Members, lane: Partition): Promise<void> =>
  new Promise((resolve) => {
    const check = (): void => {
      if (!members.orphans().includes(lane)) return
      listening[Symbol.dispose]()
      resolve()
    }
    const listening = members.onOrphans(check)
    check()
  })
