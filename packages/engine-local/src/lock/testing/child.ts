/** A process of a kill test: takes the lock of the data folder named by its argument, says so, and waits to die. */
import { writeSync } from 'node:fs'
import { HawserError } from '@hawser/std'
import { lockDataDirectory } from '../data-directory.ts'

const standardOutput = 1
const [folder = ''] = process.argv.slice(2)
try {
  await lockDataDirectory(folder)
  writeSync(standardOutput, 'locked\n')
  process.stdin.resume()
} catch (error) {
  if (!(error instanceof HawserError)) throw error
  writeSync(standardOutput, `${error.code}\n`)
}
