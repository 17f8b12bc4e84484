/**
 * `node test/fuzz/load.ts [--connections 10000] [NAME …]`: hostile loads, each against a broker of its own. Prints
 * what it was like; `--write` puts it into `docs/hostile-load.md`. Ends with 1 where an alarm rings.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeMachine } from '../../bench/machine/machine.ts'
import { loads } from './load/loads.ts'
import { byHand, page, summary } from './load/page.ts'
import { type LoadReport, runLoad } from './load/run.ts'
import { stallMsMax } from './watch/stall.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    connections: { type: 'string', default: '10000' },
    planted: { type: 'string', default: 'none' },
    write: { type: 'boolean', default: false },
  },
})
const connections = Number(values.connections)
const machine = describeMachine()
const reports: LoadReport[] = []
for (const name of positionals.length > 0 ? positionals : Object.keys(loads)) {
  const count = Math.max(1, Math.round(connections * (loads[name]?.share ?? 0)))
  const report = await runLoad(name, { stallMsMax: stallMsMax.atLength, count, planted: values.planted })
  reports.push(report)
  process.stdout.write(`${summary(report)}\n`)
}
if (values.write) {
  const file = new URL('../../docs/hostile-load.md', import.meta.url)
  writeFileSync(file, page(reports, machine, connections) + byHand(readFileSync(file, 'utf8')))
}
process.exit(reports.every(({ alarms }) => alarms.length === 0) ? 0 : 1)
