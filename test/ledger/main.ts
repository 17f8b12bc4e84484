/**
 * The loss ledger: real servers go away, are killed, run full and slow while publishers go on, and what was acknowledged
 * is looked for afterwards by readers that are not ours. Ends with 1 where the books do not agree.
 *
 *   npm run ledger -- [--minutes 10] [--rounds 20] [--rate 5000] [--seed 1] [--case PART]…
 */
import { parseArgs } from 'node:util'
import { milliseconds } from '@hawser/std'
import { matrix } from './matrix.ts'
import { type CaseReport, runCase } from './run-case.ts'
import { ledgerSkipReason, startServers } from './servers.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string', multiple: true, default: [''] },
  },
})
const options = {
  outageMs: milliseconds(Number(values.minutes) * 60_000),
  rounds: Number(values.rounds),
  rate: Number(values.rate),
  seed: Number(values.seed),
}
const say = (line: string): void => void process.stdout.write(`${line}\n`)

function rowOf(report: CaseReport): string {
  const { name, seconds, acknowledged, records, rows, duplicates, memoryMegabytesMax, memoryMegabytesGrowth } = report
  const cells = [name, seconds, acknowledged, records, rows, duplicates, memoryMegabytesMax, memoryMegabytesGrowth]
  return `| ${[...cells, report.faults.length === 0 ? 'even' : 'NOT EVEN'].join(' | ')} |`
}

const reason = ledgerSkipReason()
if (reason !== false) throw new Error(reason)
await using stack = new AsyncDisposableStack()
const servers = await startServers(stack)
say('| case | seconds | acknowledged | in Kafka | in PostgreSQL | twice in Kafka | memory, MB | it grew by | books |')
say('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
for (const which of matrix.filter(({ name }) => values.case.some((part) => name.includes(part)))) {
  const skip = which.skip?.() ?? false
  if (skip !== false) {
    say(`| ${which.name} | not here: ${skip} |`)
    continue
  }
  const report = await runCase(which, servers, options)
  say(rowOf(report))
  for (const fault of report.faults) say(`  ${fault}`)
  if (report.faults.length > 0) process.exitCode = 1
}
