/** From an error to what a user sees and a script reads: one line on stderr, and a stable exit code. */
import { HawserError, type HawserErrorCode } from '@hawser/std'
import { type ExitCodeName, exitCode } from './command.ts'

export const exitCodeOfError: Readonly<Record<HawserErrorCode, ExitCodeName>> = {
  USAGE: 'usage',
  CONFIG_INVALID: 'configuration',
  PORT_IN_USE: 'portInUse',
  DATA_DIR_IN_USE: 'dataDirectory',
  DATA_DIR_VERSION: 'dataDirectory',
  DATA_DIR_UNUSABLE: 'dataDirectory',
  DATA_CORRUPT: 'storage',
  LOG_FAILED: 'storage',
  LOG_CLOSED: 'storage',
  STATE_FAILED: 'storage',
  POSITION_GONE: 'storage',
  DISK_FULL: 'diskFull',
  ENGINE_UNREACHABLE: 'engineUnavailable',
  ENGINE_UNFIT: 'engineUnavailable',
  NODE_FENCED: 'fenced',
  BROKER_UNREACHABLE: 'brokerUnavailable',
  BROKER_REFUSED: 'brokerUnavailable',
  SINK_UNAVAILABLE: 'sinkUnavailable',
  SINK_REFUSED: 'sinkUnavailable',
}

export interface Failure {
  readonly line: string
  readonly exitCode: number
}

export function failureOf(error: unknown): Failure {
  if (error instanceof HawserError) {
    return { line: `hawser: ${error.line}`, exitCode: exitCode[exitCodeOfError[error.code]] }
  }
  // A bug: its stack is the only thing that helps whoever reports it.
  return {
    line: `hawser: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    exitCode: exitCode.failure,
  }
}
