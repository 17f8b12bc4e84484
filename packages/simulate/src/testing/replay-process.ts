/** A replay in a process of its own, to be killed: FILE URL RESUME. */
import { systemClock, systemRandom } from '@hawser/std'
import { replay } from '../replay/replay.ts'

const [file = '', url = '', resume = ''] = process.argv.slice(2)
const { signal } = new AbortController()
const report = await replay(
  { file, resume, topic: 'replay/test', qos: 2, speed: 'max', windowRows: 200 },
  { url, signal, clock: systemClock, random: systemRandom, log: () => {} },
)
process.exitCode = report.complete && report.uncertain === 0 ? 0 : 1
