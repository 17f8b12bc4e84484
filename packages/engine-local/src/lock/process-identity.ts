/** Which process is meant by a pid: pids are used again, a pid with its start time is not. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** In clock ticks since the host's boot; null where the platform does not tell it. */
  readonly startTicks: number | null
}

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  host: hostname(),
  startTicks: startTicksOf(process.pid) ?? null,
})

/** Undefined where there is no such process, or no /proc. */
export function startTicksOf(pid: number): number | undefined {
  try {
    // The name of the program stands in parentheses, and may hold any byte; field 3 follows the last one.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
    const startTicks = Number(fields[startTimeField - firstFieldBehindName])
    return Number.isInteger(startTicks) ? startTicks : undefined
  } catch {
    return undefined
  }
}

const startTimeField = 22
const firstFieldBehindName = 3

export type KillOutcome =
  /** It is being ended, or is no more: what it holds is free soon. */
  { readonly kind: 'killed' | 'gone' } | { readonly kind: 'refused'; readonly why: string }

/** Ends that very process, and no other that has its pid now. */
export function killProcess({ pid, host, startTicks }: ProcessIdentity): KillOutcome {
  if (host !== hostname()) return { kind: 'refused', why: `it runs on ${host}` }
  if (pid === process.pid) return { kind: 'refused', why: 'it is this process' }
  if (startTicks === null) return { kind: 'refused', why: 'this platform does not tell when a process was started' }
  if (startTicksOf(pid) !== startTicks) return { kind: 'gone' }
  try {
    process.kill(pid, 'SIGKILL')
    return { kind: 'killed' }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return { kind: 'gone' }
    return { kind: 'refused', why: error instanceof Error ? error.message : String(error) }
  }
}
