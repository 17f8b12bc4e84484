/** A recording, and the messages that a replay must make of it: read here anew, by other means than the replay's. */
import { existsSync, readFileSync } from 'node:fs'
import { recordingPath } from '../../packages/streams/src/testing/recordings.ts'

export interface Recording {
  readonly file: string
  readonly topic: string
  /** Of each row, in the order of the file, as they must stand in the table. */
  readonly payloads: readonly string[]
}

interface RecordingName {
  readonly file: string
  readonly topic: string
}

export const machineTemperature: RecordingName = {
  file: recordingPath('nab/machine_temperature_system_failure.csv'),
  topic: 'recordings/machine-temperature',
}
export const occupancy: RecordingName = {
  file: recordingPath('occupancy/datatest.csv'),
  topic: 'recordings/occupancy',
}

const absent = [machineTemperature, occupancy].filter(({ file }) => !existsSync(file))
/** As `skip` of a test. */
export const recordingsMissing: string | false =
  absent.length === 0
    ? false
    : `no ${absent.map(({ file }) => file).join(', ')}; set HAWSER_DATA_DIR_RECORDINGS to the folder of recordings`

const number = /^-?\d+(\.\d+)?$/

/** Both files have simple fields, without commas, quotes or line ends in them. */
export function readRecording({ file, topic }: RecordingName): Recording {
  const [header = [], ...rows] = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',').map((field) => field.replaceAll('"', '')))
  // The header of the occupancy recording has no name for the first column.
  const names = header.length < (rows[0]?.length ?? 0) ? ['row', ...header] : header
  const payloads = rows.map((fields) => {
    const members = fields.map((field, index) => `"${names[index]}":${number.test(field) ? field : `"${field}"`}`)
    return `{${members.join(',')}}`
  })
  return { file, topic, payloads }
}
