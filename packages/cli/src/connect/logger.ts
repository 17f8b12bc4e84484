import type { CommandIo } from '../command.ts'
import type { Configuration } from '../config/configuration.ts'
import { fromLevel, Logger } from '../logging/logger.ts'
import { terminalSink, wantsColor } from '../logging/terminal.ts'

/** To stderr. */
export function loggerOf({ logging: { level, format } }: Configuration, { stderr, env, clock }: CommandIo): Logger {
  return new Logger('connect', clock, fromLevel(level, terminalSink(stderr, format, wantsColor(stderr, env))))
}
