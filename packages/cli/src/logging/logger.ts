/** Structured log entries: fields for machines, one line of text for people. */
import type { Clock } from '@hawser/std'
import { type LogLevel, logLevels } from '../config/configuration.ts'

export type LogFields = Readonly<Record<string, string | number | boolean | null>>

export interface LogEntry {
  /** ISO 8601, UTC. */
  readonly time: string
  readonly level: LogLevel
  /** Which process or part says it. */
  readonly part: string
  readonly message: string
  readonly fields?: LogFields
}

export type LogSink = (entry: LogEntry) => void

export class Logger {
  readonly #part: string
  readonly #clock: Clock
  readonly #sink: LogSink

  constructor(part: string, clock: Clock, sink: LogSink) {
    this.#part = part
    this.#clock = clock
    this.#sink = sink
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('debug', message, fields)
  }
  info(message: string, fields?: LogFields): void {
    this.#log('info', message, fields)
  }
  warn(message: string, fields?: LogFields): void {
    this.#log('warn', message, fields)
  }
  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields)
  }

  #log(level: LogLevel, message: string, fields: LogFields | undefined): void {
    const time = new Date(this.#clock.wallMicros() / 1000).toISOString()
    this.#sink({ time, level, part: this.#part, message, ...(fields === undefined ? {} : { fields }) })
  }
}

export const fromLevel = (least: LogLevel, sink: LogSink): LogSink => {
  const rank = logLevels.indexOf(least)
  return (entry) => {
    if (logLevels.indexOf(entry.level) >= rank) sink(entry)
  }
}
