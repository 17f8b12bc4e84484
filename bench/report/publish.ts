/** Puts results where a reader looks: between the markers of the README, and as JSON beside it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Results } from './results.ts'

const folder = join(import.meta.dirname, '..')
const readme = join(folder, 'README.md')
const markers = { start: '<!-- results -->', end: '<!-- end of results -->' }

export function publish(results: Results, tables: string): void {
  const text = readFileSync(readme, 'utf8')
  const [start, end] = [text.indexOf(markers.start), text.indexOf(markers.end)]
  if (start < 0 || end < start) throw new Error(`${readme} has no ${markers.start} … ${markers.end}`)
  writeFileSync(readme, `${text.slice(0, start + markers.start.length)}\n${tables}\n${text.slice(end)}`)
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
}
