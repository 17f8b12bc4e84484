/**
 * How fast a recording gets from a file into the embedded database: replay, MQTT at QoS 1, log on disk, connector.
 *
 *   node bench/replay/replay-rate.ts [runs] [times] [configuration]
 *
 * Each run replays the recording `times` over into a new `hawser up --scenario none`. The clock runs from the replay's
 * first publish until the console says that the last row is committed.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { machineTemperature, recordingsMissing } from '../../test/recordings/recording.ts'
import { RunningUp } from '../../test/recordings/running-up.ts'

const [runs = '3', times = '5', config] = process.argv.slice(2)
const { file, topic } = machineTemperature

async function repeated(folder: string): Promise<{ readonly path: string; readonly rows: number }> {
  const [header, ...rows] = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const all = Array.from({ length: Number(times) }, () => rows).flat()
  const path = join(folder, 'recording.csv')
  await writeFile(path, [header, ...all, ''].join('\n'))
  return { path, rows: all.length }
}

async function run(): Promise<string> {
  await using folder = await temporaryFolder()
  const recording = await repeated(folder.path)
  await using up = await RunningUp.start({ dataDir: join(folder.path, 'data'), config })
  await up.caughtUp()
  const broker = `mqtt://127.0.0.1:${up.mqttPort}`
  const flags = ['--broker', broker, '--topic', topic, '--speed', 'max', '--qos', '1', '--json']
  await using replay = startHawser(['simulate', 'replay', recording.path, ...flags])
  await replay.prints(/connected to/)
  const startedMs = systemClock.monotonicMs()
  const acknowledged = replay.ended.then(() => systemClock.monotonicMs() - startedMs)
  await up.wrote('postgres', recording.rows)
  const seconds = (systemClock.monotonicMs() - startedMs) / 1000
  const { code, stderr } = await replay.ended
  if (code !== 0) throw new Error(stderr)
  const perSecond = Math.round(recording.rows / seconds)
  const acknowledgedPerSecond = Math.round(recording.rows / ((await acknowledged) / 1000))
  return `${recording.rows} rows in ${seconds.toFixed(2)} s: ${perSecond} rows/s in the table; ${acknowledgedPerSecond} rows/s acknowledged`
}

if (recordingsMissing !== false) throw new Error(recordingsMissing)
for (let index = 0; index < Number(runs); index++) console.log(await run())
