// `npm test`: every test of the repository with node's own runner; what was skipped stands by name at the end.
// Arguments narrow it: part of a file's path selects files, anything else the tests whose names match it.
// HAWSER_REQUIRE_SERVERS=1 makes each skip a failure.
import { globSync } from 'node:fs'
import { relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { milliseconds, systemClock } from '@hawser/std'

const root = new URL('..', import.meta.url).pathname
const concurrency = 2
const testMsMax = 240_000
/** When nothing has ended for so long, what a test left behind keeps its file's process alive. */
const silentMsMax = milliseconds(testMsMax + 60_000)
const patterns = [
  'packages/*/src/**/*.test.ts',
  'packages/*/test/**/*.test.ts',
  'test/**/*.test.ts',
  'bench/**/*.test.ts',
]

const allFiles = patterns.flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ['**/node_modules/**'] })).sort()
const args = process.argv.slice(2)
const selectsFiles = (arg) => allFiles.some((file) => file.includes(arg))
const fileFilters = args.filter(selectsFiles)
const namePatterns = args.filter((arg) => !selectsFiles(arg))
const files = allFiles.filter((file) => fileFilters.length === 0 || fileFilters.some((part) => file.includes(part)))

const skipped = []
let passed = 0
let failed = 0
let silence
const running = new Set()
const hung = new AbortController()

const events = run({
  signal: hung.signal,
  cwd: root,
  files: files.map((file) => `${root}${file}`),
  concurrency,
  timeout: testMsMax,
  ...(namePatterns.length === 0 ? {} : { testNamePatterns: namePatterns }),
})
events.on('test:pass', ({ name, file, skip, details }) => {
  if (skip !== undefined) skipped.push(`${relative(root, file ?? '')}: ${name}${skip === true ? '' : ` (${skip})`}`)
  else if (details.type !== 'suite') passed++
})
events.on('test:fail', () => failed++)
events.on('data', ({ type, data: { name, file } }) => {
  if (name === file && type === 'test:dequeue') running.add(file)
  if (name === file && type === 'test:complete') running.delete(file)
  silence?.[Symbol.dispose]()
  silence = systemClock.after(silentMsMax, giveUp)
})
const report = events.compose(spec)
report.pipe(process.stdout)

function giveUp() {
  failed++
  const files = [...running].map((file) => relative(root, file))
  process.stdout.write(`\nEnded the run, for what does not end: ${files.join(', ')}\n`)
  // Its own children may go on, and keep this process waiting for what they would print.
  report.once('end', () => process.exit())
  hung.abort()
}

process.on('exit', () => {
  // With a name filter the runner reports the others as skipped: they were not asked for.
  if (namePatterns.length === 0 && skipped.length > 0) {
    process.stdout.write(`\nSkipped, ${skipped.length}:\n${skipped.map((line) => `  ${line}\n`).join('')}`)
  }
  const nothingRan = passed + failed === 0
  if (nothingRan) process.stdout.write('\nno test ran\n')
  const forbiddenSkip = process.env.HAWSER_REQUIRE_SERVERS === '1' && namePatterns.length === 0 && skipped.length > 0
  if (forbiddenSkip) process.stdout.write('HAWSER_REQUIRE_SERVERS=1 allows no skip\n')
  if (failed > 0 || nothingRan || forbiddenSkip) process.exitCode = 1
})
