/** One run of a row under `--cpu-prof`, and where the time of each thread went. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../brokers/running-broker.ts'
import type { Row, Settings } from '../rows/row.ts'
import { type CpuProfile, type FunctionTime, groups, selfTimes } from './cpu-profile.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const functionsShown = 25
const filesShown = 15

export async function profileRow(row: Row, settings: Settings): Promise<string> {
  using folder = temporaryFolder()
  const nodeFlags = ['--cpu-prof', '--cpu-prof-dir', folder.path]
  const { value } = await row.measure('hawser-disk', settings, { nodeFlags })
  const threads = readdirSync(folder.path).filter((name) => name.endsWith('.cpuprofile'))
  if (threads.length === 0) throw new Error('the broker left no profile')
  const sections = threads.sort().map((name) => {
    const profile = JSON.parse(readFileSync(join(folder.path, name), 'utf8')) as CpuProfile
    return threadReport(threadName(name), selfTimes(profile, repository))
  })
  return [`${row.name}: ${Math.round(value).toLocaleString('en')} ${row.unit} under the profiler`, ...sections].join(
    '\n\n',
  )
}

/** Of CPU.<date>.<time>.<pid>.<thread>.<number>.cpuprofile. */
function threadName(file: string): string {
  const thread = file.split('.').at(-3)
  return thread === '0' ? 'main thread' : `worker ${thread}`
}

function threadReport(name: string, times: readonly FunctionTime[]): string {
  const total = sum(times)
  const line = (micros: number, what: string): string => `${((100 * micros) / total).toFixed(1).padStart(6)} %  ${what}`
  const byGroup = groups.map((group) => line(sum(times.filter((time) => time.group === group)), group))
  const ours = Map.groupBy(
    times.filter(({ group }) => group === 'ours'),
    ({ file }) => file,
  )
  const byFile = [...ours]
    .map(([file, functions]) => ({ file, micros: sum(functions) }))
    .sort((left, right) => right.micros - left.micros)
    .slice(0, filesShown)
    .map(({ file, micros }) => line(micros, file))
  const byFunction = times
    .slice(0, functionsShown)
    .map((time) => line(time.micros, `${time.name}  ${time.file === '' ? time.group : `${time.file}:${time.line}`}`))
  const busySeconds = (total / 1e6).toFixed(2)
  return [
    `${name}, ${busySeconds} s busy`,
    ...byGroup,
    '',
    'our files',
    ...byFile,
    '',
    'functions',
    ...byFunction,
  ].join('\n')
}

const sum = (times: readonly FunctionTime[]): number => times.reduce((total, { micros }) => total + micros, 0)
