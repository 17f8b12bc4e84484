/**
 * What a command is. Each stands in a module of its own that is loaded when it is called (`commands.ts`), so that
 * `hawser broker` loads neither the console nor the database.
 */
import type { Readable, Writable } from 'node:stream'
import type { Clock, Random } from '@hawser/std'

/** Stable: documented in docs/exit-codes.md, which a test compares with this table. */
export const exitCode = {
  success: 0,
  /** It ran and the answer is no (a check failed), or it broke in a way that has no code of its own. */
  failure: 1,
  usage: 2,
  configuration: 3,
  portInUse: 4,
  dataDirectory: 5,
  diskFull: 6,
  storage: 7,
  brokerUnavailable: 8,
  sinkUnavailable: 9,
  engineUnavailable: 10,
  /** Others have taken over what it had: whoever started it starts it again. */
  fenced: 11,
} as const
export type ExitCodeName = keyof typeof exitCode

export type TerminalOutput = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** Everything of the world that a command may touch. */
export interface CommandIo {
  readonly stdin: Readable
  readonly stdout: TerminalOutput
  readonly stderr: TerminalOutput
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts on SIGINT, SIGTERM, or when the process that started this one is gone: end cleanly, within 5 s. */
  readonly signal: AbortSignal
  /** SIGHUP, while its listener is there, does this instead of ending the process. */
  onHangUp(listener: () => void): Disposable
  readonly clock: Clock
  readonly random: Random
}

export interface CommandExample {
  readonly command: string
  readonly does: string
}

export interface Command {
  readonly name: string
  /** One line for `hawser --help`. */
  readonly summary: string
  /** What `hawser NAME --help` shows; `helpText` of flags.ts makes it from flags and examples. */
  readonly help: string
  /** Answers the exit code. A failure for the user is thrown as a `HawserError`: `main.ts` prints its one line. */
  run(args: readonly string[], io: CommandIo): Promise<number>
}

/** A command's entry in the list of `hawser --help`, before its module is loaded. */
export interface LazyCommand {
  readonly name: string
  readonly summary: string
  load(): Promise<Command>
}
