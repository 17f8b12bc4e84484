/** Log entries as lines on a terminal, or as JSON where a machine reads them. */
import { styleText } from 'node:util'
import type { CommandIo, TerminalOutput } from '../command.ts'
import type { Configuration } from '../config/configuration.ts'
import type { LogEntry, LogSink } from './logger.ts'

export function terminalSink(
  output: TerminalOutput,
  format: Configuration['logging']['format'],
  color: boolean,
): LogSink {
  const line =
    format === 'json' ? (entry: LogEntry) => JSON.stringify(entry) : (entry: LogEntry) => textLine(entry, color)
  return (entry) => output.write(`${line(entry)}\n`)
}

/** https://no-color.org: set to anything, it means no. */
export const wantsColor = (output: TerminalOutput, env: CommandIo['env']): boolean =>
  output.isTTY === true && (env['NO_COLOR'] ?? '') === ''

const levelColors = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red' } as const

function textLine({ time, level, part, message, fields = {} }: LogEntry, color: boolean): string {
  const shown = level.padEnd(5)
  const head = color ? styleText(levelColors[level], shown, { validateStream: false }) : shown
  const tail = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
  return `${time.slice(11, 19)} ${head} ${part}: ${message}${tail.join('')}`
}
