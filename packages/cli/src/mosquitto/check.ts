/** `hawser broker --mosquitto-conf FILE --check`: every line of the configuration with what becomes of it. */
import {
  type CheckedLine,
  checkedLines,
  explanation,
  type FaultLine,
  isStartable,
  namedFileFaults,
  readMosquittoConf,
} from '@hawser/mosquitto'
import { type CommandIo, exitCode } from '../command.ts'

export async function checkMosquittoConf(file: string, json: boolean, io: CommandIo): Promise<number> {
  const read = await readMosquittoConf(file)
  const conf = { ...read, faults: [...read.faults, ...(await namedFileFaults(read))] }
  const lines = checkedLines(conf)
  const startable = isStartable(conf)
  if (json) io.stdout.write(`${JSON.stringify({ file, ok: startable, lines })}\n`)
  else io.stdout.write(`${lines.map((line) => `${lineText(line)}\n`).join('')}${summary(lines)}\n`)
  return startable ? exitCode.success : exitCode.configuration
}

const verdictWidth = 'honoured'.length

function lineText(checked: CheckedLine | FaultLine): string {
  const { file, line, verdict } = checked
  const start = `${file}:${line}: ${verdict.kind.padEnd(verdictWidth)}`
  if ('what' in checked) return `${start} ${checked.what}; ${checked.mend}`
  return `${start} ${`${checked.option} ${checked.value}`.trimEnd()}: ${explanation(checked.verdict)}`
}

const kinds = ['honoured', 'harmless', 'refused', 'fault'] as const

function summary(lines: readonly (CheckedLine | FaultLine)[]): string {
  const counts = kinds.map((kind) => `${lines.filter(({ verdict }) => verdict.kind === kind).length} ${kind}`)
  const wrong = lines.some(({ verdict }) => verdict.kind === 'refused' || verdict.kind === 'fault')
  return `${counts.join(', ')}: ${wrong ? 'hawser would not start on this file' : 'hawser starts on this file'}`
}
