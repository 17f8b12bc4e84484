/** The figures of a run as a page. */
import type { Machine } from '../../../bench/machine/machine.ts'
import { loads } from './loads.ts'
import type { LoadReport } from './run.ts'

const mebibyte = 1_048_576
const number = (value: number): string => (Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(1))
const named = (figures: Readonly<Record<string, number>>): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name}: ${number(value)}`)
    .join('; ')

function row(report: LoadReport): string[] {
  const { name, count, rssBytesAtRest, rssBytesMax, stallMsMax, idleStallMsMax, turnCpuMsMax } = report
  const { witnessMsMax, witnessMs99 } = report
  return [
    loads[name]?.says ?? name,
    number(count),
    `${Math.round(rssBytesAtRest / mebibyte)} → ${Math.round(rssBytesMax / mebibyte)}`,
    number((rssBytesMax - rssBytesAtRest) / 1_024 / count),
    number(Math.round(Math.max(0, stallMsMax - idleStallMsMax))),
    number(Math.round(turnCpuMsMax)),
    `${Math.round(witnessMs99)} / ${Math.round(witnessMsMax)}`,
  ]
}

export function summary(report: LoadReport): string {
  const { name, outcome, broker, seconds, alarms } = report
  return [
    `${name}: ${row(report).join(' | ')} | ${number(seconds)} s`,
    `  ${named(outcome.figures)}`,
    `  dropped: ${named(broker?.dropped ?? {})}; refused: ${named(broker?.refused ?? {})}; in flight: ${broker?.inflight}`,
    ...alarms.map((alarm) => `  ALARM ${alarm}`),
  ].join('\n')
}

const titles = [
  'load',
  'clients',
  'memory at rest → at most, MiB',
  'KiB for each client',
  'longest stall above idle, ms',
  'most work at a stretch, ms',
  'witness: 99 % / all within, ms',
]

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

export function page(reports: readonly LoadReport[], machine: Machine, connections: number): string {
  return `# Hostile load

What clients that mean harm, or come all at once, cost a broker and those beside them. Written by
\`node test/fuzz/load.ts --connections ${connections} --write\`; a brief version of each load is a test in \`test/fuzz\`.

Each load meets a broker of its own with default limits and its log on disk, and beside it stand
- an idle process, whose event loop shows how late the machine itself lets one be;
- a witness: a client of good will that sends itself messages at QoS 1 and 2, one after another, and complains when its
  connection ends or a message is lost, comes twice or out of order;
- ten clients that only keep alive, every second at a keep alive of three.

An alarm rings where the broker ends or tells of an internal fault, its event loop stands still 200 ms longer than that
of the idle process, its memory passes the bound of the load, one of the others is disturbed, or what the load itself
must see (all served, nothing lost) does not happen. Each kind of alarm is proven by a planted fault. "Most work at a
stretch" is what the broker's event loop itself worked between two ticks: processor time, none of it other processes'.

${line(titles)}
${line(titles.map((_, index) => (index === 0 ? '---' : '---:')))}
${reports.map((report) => line(row(report))).join('\n')}

What else each load saw:

${reports.map(details).join('\n')}

## Made on
${machine.processor}, ${machine.cores} cores, ${machine.memoryGigabytes} GB; Linux ${machine.kernel}, Node ${machine.node};
4 KiB written and synced in ${machine.fdatasyncMs.toFixed(1)} ms. Load average before the first run: ${machine.loadAverage.toFixed(1)}. Hawser ${machine.commit}.

## What it does not show
- Attackers, witness and broker share the machine and its cores: times are what is left after the attackers' own work.
- All is on loopback: no loss, no delay, no small windows, one source address. Limits by address are not tried here.
- Memory is the resident set of the process; what the kernel holds in socket buffers is not in it. "KiB for each client"
  divides all growth, that of the log's caches and of the garbage collector's heap too, by the clients: an upper bound,
  and of little meaning where the clients are few.
- Default limits have no connect rate: nobody is refused for coming too fast.
`
}

/** What of the page no run writes: from this heading on. */
export const byHand = (page: string): string => {
  const start = page.indexOf('\n## By hand')
  return start < 0 ? '' : page.slice(start)
}

const details = ({ name, outcome, broker, alarms }: LoadReport): string => {
  const drops = named(broker?.dropped ?? {})
  const refusals = named(broker?.refused ?? {})
  const parts = [
    named(outcome.figures),
    `in flight at the end: ${number(broker?.inflight ?? 0)}`,
    drops === '' ? 'nothing dropped' : `dropped: ${drops}`,
    refusals === '' ? 'nobody refused' : `refused: ${refusals}`,
    ...alarms.map((alarm) => `**alarm, ${alarm}**`),
  ]
  return `- \`${name}\`: ${parts.join('; ')}.`
}
