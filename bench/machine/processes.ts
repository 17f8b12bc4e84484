/** What processes use of the machine, read from /proc: Linux only. */
import { readFileSync } from 'node:fs'

/** Cores are seconds of processor time per second: 1 is a whole core. */
export interface ProcessUse {
  readonly brokerCores: number
  readonly generatorCores: number
  /** What everything else took of the machine meanwhile: the noise. */
  readonly otherCores: number
  /** The highest resident set of the broker so far, of each of its processes. */
  readonly brokerPeakMegabytes: number
}

/** Linux counts processor time in hundredths of a second, whatever the kernel's own tick is. */
const ticksPerSecond = 100

/** Of a process and all below it. */
export const processSeconds = (pid: number): number =>
  familyOf(pid).reduce((seconds, member) => seconds + secondsOf(member, 11), 0)

/** Of the children of this process that have ended. */
export const endedChildrenSeconds = (): number => secondsOf(process.pid, 13)

function familyOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return [pid, ...children.split(' ').flatMap((child) => (child === '' ? [] : familyOf(Number(child))))]
}

/** User and system time, in two fields of /proc/…/stat. */
function secondsOf(pid: number, field: number): number {
  // The name of the program in parentheses may hold spaces: count fields behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  const [user, system] = [field, field + 1].map((index) => Number(fields[index]))
  return ((user ?? 0) + (system ?? 0)) / ticksPerSecond
}

function machineBusySeconds(): number {
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, softInterrupt = 0, stolen = 0] = (
    /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? ''
  )
    .split(' ')
    .map(Number)
  return (user + nice + system + interrupt + softInterrupt + stolen) / ticksPerSecond
}

function statusKilobytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  if (found === null) throw new Error(`/proc/${pid}/status has no ${field}`)
  return Number(found[1])
}

export const residentBytes = (pid: number): number => familyKilobytes(pid, 'VmRSS') * 1024

const familyKilobytes = (pid: number, field: 'VmRSS' | 'VmHWM'): number =>
  familyOf(pid).reduce((sum, member) => sum + statusKilobytes(member, field), 0)

/** Starts to measure; the function answered ends it. */
export function measureUse(brokerPid: number): () => ProcessUse {
  const read = () => ({
    atMs: performance.now(),
    broker: processSeconds(brokerPid),
    generator: secondsOf(process.pid, 11),
    machine: machineBusySeconds(),
  })
  const from = read()
  return () => {
    const to = read()
    const seconds = (to.atMs - from.atMs) / 1000
    const brokerCores = (to.broker - from.broker) / seconds
    const generatorCores = (to.generator - from.generator) / seconds
    const otherCores = Math.max(0, (to.machine - from.machine) / seconds - brokerCores - generatorCores)
    return {
      brokerCores,
      generatorCores,
      otherCores,
      brokerPeakMegabytes: (familyKilobytes(brokerPid, 'VmHWM') * 1024) / 1e6,
    }
  }
}
