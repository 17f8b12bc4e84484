/** Connect, CONNACK, DISCONNECT, over and over: how often a second, some at a time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { IdleConnection } from './connection.ts'
import { type Counts, Histogram } from './count/histogram.ts'
import type { Target } from './target.ts'
import { nowMs } from './time.ts'
import { alone, type Together } from './traffic.ts'

export interface CyclesJob {
  readonly target: Target
  readonly prefix: string
  readonly atOnce: number
  readonly warmUpSeconds: number
  readonly seconds: number
}

export interface CyclesTally {
  readonly cyclesPerSecond: number
  /** From the opening of the socket to the CONNACK. */
  readonly connecting: Counts
}

/** A connection that is refused or closed before its CONNACK ends the run. */
export async function runCycles(job: CyclesJob, together: Pick<Together, 'onMeasuring' | 'onMeasured'> = alone) {
  const connecting = new Histogram()
  let cycles = 0
  let isRunning = true
  const cycle = async (index: number): Promise<void> => {
    while (isRunning) {
      const startedMs = nowMs()
      const connection = new IdleConnection({ target: job.target, index, onClosed: () => {} })
      await connection.open(`${job.prefix}-cycle-${index}-${cycles}`)
      connecting.addMs(nowMs() - startedMs)
      connection.close()
      cycles++
    }
  }
  const running = Promise.all(Array.from({ length: job.atOnce }, (_, index) => cycle(index)))
  await Promise.race([running, sleep(job.warmUpSeconds * 1000)])
  connecting.clear()
  together.onMeasuring?.()
  const before = { cycles, atMs: nowMs() }
  await Promise.race([running, sleep(job.seconds * 1000)])
  const cyclesPerSecond = ((cycles - before.cycles) * 1000) / (nowMs() - before.atMs)
  together.onMeasured?.()
  const tally: CyclesTally = { cyclesPerSecond, connecting: connecting.counts() }
  isRunning = false
  await running
  return tally
}
