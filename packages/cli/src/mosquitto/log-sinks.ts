/** The destinations of `log_dest`. */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { LogPlan } from '@hawser/mosquitto'
import { HawserError } from '@hawser/std'
import type { CommandIo } from '../command.ts'
import type { Configuration } from '../config/configuration.ts'
import type { LogSink } from '../logging/logger.ts'
import { terminalSink, wantsColor } from '../logging/terminal.ts'

export interface LogSinks extends Disposable {
  readonly sink: LogSink
}

export function openLogSinks(
  { destinations }: LogPlan,
  format: Configuration['logging']['format'],
  io: CommandIo,
): LogSinks {
  using opening = new DisposableStack()
  const sinks = destinations.map((destination): LogSink => {
    switch (destination.kind) {
      case 'stdout':
        return terminalSink(io.stdout, format, wantsColor(io.stdout, io.env))
      case 'stderr':
        return terminalSink(io.stderr, format, wantsColor(io.stderr, io.env))
      case 'file':
        return fileSink(destination.path, opening)
      default:
        throw destination satisfies never
    }
  })
  const owned = opening.move()
  return {
    sink(entry) {
      for (const sink of sinks) sink(entry)
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  }
}

/** Opened once: the process may become a user that could not open it. */
function fileSink(path: string, opening: DisposableStack): LogSink {
  let file: number
  try {
    file = openSync(path, 'a', 0o600)
  } catch (cause) {
    throw new HawserError('CONFIG_INVALID', `log_dest file ${path}: ${(cause as Error).message}`, {
      mend: 'name a file that can be written',
      cause,
    })
  }
  opening.defer(() => closeSync(file))
  return ({ time, level, part, message, fields = {} }) => {
    const tail = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
    try {
      writeSync(file, `${time} ${level} ${part}: ${message}${tail.join('')}\n`)
    } catch {
      // A full disk stops the log of the broker last of all.
    }
  }
}
