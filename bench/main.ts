/** `npm run bench`: brokers side by side on this machine. README.md says what the rows are and what they do not show. */
import { describeMachine, whatIsMissing } from './machine/machine.ts'
import { parseOptions, usage } from './options.ts'
import { profileRow } from './profile/profile-row.ts'
import { markdown } from './report/markdown.ts'
import { publish } from './report/publish.ts'
import type { Results } from './report/results.ts'
import { runRows } from './run-rows.ts'

const say = (line: string): void => console.error(line)

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args)
  if (options.help) return console.log(usage)
  const missing = whatIsMissing()
  if (missing !== undefined) throw new Error(missing)
  if (options.profile !== undefined) return console.log(await profileRow(options.profile, options.settings))

  const machine = describeMachine()
  const rows = await runRows(options, options.settings, { say, signal: stopSignal() })
  const results: Results = { at: new Date().toISOString(), machine, settings: options.settings, rows }
  const tables = markdown(results, options.rows)
  console.log(tables)
  if (options.publish) publish(results, tables)
}

function stopSignal(): AbortSignal {
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort(new Error('stopped')))
  return stopping.signal
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  say(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
