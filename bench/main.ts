/** `npm run bench`: brokers side by side on this machine. README.md says what the rows are and what they do not show. */

import { hasStrace } from './machine/disk-use.ts'
import { describeMachine, whatIsMissing } from './machine/machine.ts'
import { type Options, parseOptions, usage } from './options.ts'
import { profileRow, profileThreads, type RowProfile } from './profile/profile-row.ts'
import { profileText } from './profile/profile-text.ts'
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
  const { profile, settings } = options
  if (profile !== undefined)
    return console.log(profileText(await profileThreads(profile.row, profile.broker, settings)))

  for (const name of options.absent) say(`${name} is not here and is left out: .ci/peers builds it`)
  const countsDiskUse = hasStrace()
  if (!countsDiskUse) say('strace is not here: what is written and synced is not counted')
  const machine = describeMachine()
  const rows = await runRows(options, settings, { say, signal: stopSignal(), countsDiskUse })
  const profiles = await profiled(options)
  const results: Results = { at: new Date().toISOString(), machine, settings, rows, profiles }
  const tables = markdown(results, options.rows)
  console.log(tables)
  if (options.publish) publish(results, tables)
}

/** Of what is published the hot paths are profiled too. */
const profiledRows = ['qos0-pairs', 'qos1-pairs', 'qos1-latency', 'qos1-single', 'qos2-pairs', 'connect-cycles']

async function profiled({ rows, publish, settings }: Options): Promise<RowProfile[]> {
  const profiles: RowProfile[] = []
  for (const row of rows.filter(({ name }) => publish && profiledRows.includes(name))) {
    profiles.push(await profileRow(row, 'hawser-disk', settings))
  }
  return profiles
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
