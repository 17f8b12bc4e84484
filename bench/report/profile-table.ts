/** Where the time of our main thread goes, a line for each row that was profiled. */
import { groups } from '../profile/cpu-profile.ts'
import type { RowProfile } from '../profile/profile-row.ts'
import { table } from './cells.ts'

const filesShown = 4
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`

export function profileTable(profiles: readonly RowProfile[]): string[] {
  if (profiles.length === 0) return []
  const lines = profiles.map(({ row, broker, shares, files }) => [
    row,
    broker,
    ...groups.map((group) => percent(shares[group])),
    files
      .slice(0, filesShown)
      .map(({ file, share }) => `${file.replace(/^packages\/(.*)\/src\//, '$1/')} ${percent(share)}`)
      .join(', '),
  ])
  const about = '**Where our time goes**: self time of the main thread, of what it was busy, under `--cpu-prof`'
  return [`${about}\n\n${table(['row', 'broker', ...groups, 'our busiest files'], lines)}`]
}
