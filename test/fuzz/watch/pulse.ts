/** What a watched process tells of itself, ten times a second: its memory, and the longest its event loop stood still. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Clock, milliseconds } from '@hawser/std'

/** What a broker tells of itself; of the counters only those that are not 0. */
export interface BrokerFigures {
  readonly packetsReceived: number
  readonly connections: number
  readonly sessionsOnline: number
  readonly sessionsBehind: number
  readonly inflight: number
  readonly outputBytesPending: number
  readonly dropped: Readonly<Record<string, number>>
  readonly refused: Readonly<Record<string, number>>
}

export interface Pulse {
  readonly stallMs: number
  /** The most that the event loop itself worked between two ticks: unlike a stall, none of it is other processes'. */
  readonly turnCpuMs: number
  readonly rssBytes: number
  /** Undefined of a process that is no broker. */
  readonly broker: BrokerFigures | undefined
}

export type Told =
  | { readonly kind: 'ready'; readonly ports: Readonly<Record<string, number>> }
  | { readonly kind: 'pulse'; readonly pulse: Pulse }
  | { readonly kind: 'fault'; readonly message: string }

/** Whoever listened may be gone: then nobody is to be told. */
export const tell = (told: Told): void => {
  process.send?.(told, undefined, undefined, () => undefined)
}

const pulseMs = milliseconds(100)
const resolutionMs = 5

export function beat(clock: Clock, figures: () => BrokerFigures | undefined): void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  const work = watchWork(clock)
  const again = (): void => {
    const stallMs = Math.max(0, delay.max / 1e6 - resolutionMs)
    delay.reset()
    const turnCpuMs = work.takeMax()
    tell({ kind: 'pulse', pulse: { stallMs, turnCpuMs, rssBytes: process.memoryUsage.rss(), broker: figures() } })
    clock.after(pulseMs, again)
  }
  clock.after(pulseMs, again)
}

function watchWork(clock: Clock): { takeMax(): number } {
  let last = process.threadCpuUsage()
  let mostMs = 0
  const tick = (): void => {
    const now = process.threadCpuUsage()
    mostMs = Math.max(mostMs, (now.user - last.user + now.system - last.system) / 1_000)
    last = now
    clock.after(milliseconds(resolutionMs), tick)
  }
  tick()
  return {
    takeMax() {
      const max = mostMs
      mostMs = 0
      return max
    },
  }
}
