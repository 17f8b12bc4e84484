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
export const startTicksOf = (pid: number): number | undefined => statusOf(pid)?.startTicks

interface Status {
  /** `R` runs or could, `D` waits for a disk, `S` waits for something else, `T` is stopped by a signal. */
  readonly state: string
  readonly startTicks: number
  /** Of processor time, of all its threads. */
  readonly usedTicks: number
}

/** By the numbers of proc(5). */
const fieldNumbers = { state: 3, userTime: 14, systemTime: 15, startTime: 22 }

function statusOf(pid: number): Status | undefined {
  try {
    // The name of the program stands in parentheses, and may hold any byte; field 3 follows the last one.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
    const field = (number: number): string => fields[number - fieldNumbers.state] ?? ''
    const startTicks = Number.parseInt(field(fieldNumbers.startTime), 10)
    const usedTicks = Number(field(fieldNumbers.userTime)) + Number(field(fieldNumbers.systemTime))
    return Number.isInteger(startTicks) ? { state: field(fieldNumbers.state), startTicks, usedTicks } : undefined
  } catch {
    return undefined
  }
}

export interface ProcessActivity {
  /** Whether it would go on by itself: it runs, or waits for its turn on a processor or a disk. */
  readonly isAtWork: boolean
  /** By a signal, or a person at its terminal: it does not go on by itself. */
  readonly isStopped: boolean
  /** Processor time that it has used, in ticks of some hundredth of a second. */
  readonly usedTicks: number
}

/** Undefined where it is no more, or cannot be looked at from here. */
export function activityOf({ pid, host, startTicks }: ProcessIdentity): ProcessActivity | undefined {
  const status = host === hostname() ? statusOf(pid) : undefined
  if (status === undefined || status.startTicks !== startTicks) return undefined
  const { state, usedTicks } = status
  return { isAtWork: 'RD'.includes(state), isStopped: state === 'T', usedTicks }
}

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
