/** What a watched process tells of itself, ten times a second: its memory, and the longest its event loop stood still. */
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
  const turns = watchTurns(clock)
  const again = (): void => {
    tell({ kind: 'pulse', pulse: { ...turns.take(), rssBytes: process.memoryUsage.rss(), broker: figures() } })
    clock.after(pulseMs, again)
  }
  clock.after(pulseMs, again)
}

/** Whichever timer comes first after a stall sees it: `monitorEventLoopDelay` forgets one that its reset comes before. */
function watchTurns(clock: Clock): { take(): Pick<Pulse, 'stallMs' | 'turnCpuMs'> } {
  let lastMs = clock.monotonicMs()
  let lastCpu = process.threadCpuUsage()
  let most = { stallMs: 0, turnCpuMs: 0 }
  const look = (): void => {
    const nowMs = clock.monotonicMs()
    const cpu = process.threadCpuUsage()
    const turnCpuMs = (cpu.user - lastCpu.user + cpu.system - lastCpu.system) / 1_000
    most = {
      stallMs: Math.max(most.stallMs, nowMs - lastMs - resolutionMs),
      turnCpuMs: Math.max(most.turnCpuMs, turnCpuMs),
    }
    lastMs = nowMs
    lastCpu = cpu
  }
  const tick = (): void => {
    look()
    clock.after(milliseconds(resolutionMs), tick)
  }
  tick()
  return {
    take() {
      look()
      const taken = most
      most = { stallMs: 0, turnCpuMs: 0 }
      return taken
    },
  }
}
