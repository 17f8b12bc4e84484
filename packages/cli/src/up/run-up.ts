/** The life of a `hawser up`: start, screen, wait, stop. */
import { join } from 'node:path'
import { HawserError } from '@hawser/std'
import { type CommandIo, exitCode } from '../command.ts'
import type { Configuration } from '../config/configuration.ts'
import { LogFile } from '../logging/log-file.ts'
import { fromLevel, type LogEntry, Logger } from '../logging/logger.ts'
import { terminalSink, wantsColor } from '../logging/terminal.ts'
import type { ServerSources } from '../shared-flags.ts'
import { runSupervised } from '../supervise/run-supervised.ts'
import { Supervisor } from '../supervise/supervisor.ts'
import { planOf } from './plan.ts'
import { startScreen } from './screen.ts'

export async function runUp(configuration: Configuration, sources: ServerSources, io: CommandIo): Promise<number> {
  const plan = planOf(configuration, sources, io)
  const told = new AbortController()
  const signal = AbortSignal.any([io.signal, told.signal])
  using log = new UpLog(configuration, io)
  const supervisor = new Supervisor({
    parts: plan.parts,
    clock: io.clock,
    log: (entry) => log.write(entry),
    onStopAll: () => told.abort(),
  })
  const logger = new Logger('up', io.clock, (entry) => log.write(entry))
  const clean = await runSupervised(supervisor, {
    signal,
    onHangUp: io.onHangUp,
    started() {
      log.openFile()
      io.stdout.write(startScreen({ configuration, ...plan }))
      logger.info(`up, pid ${process.pid}`)
    },
    stopping: () => io.stdout.write('Stopping …\n'),
  })
  logger.info(clean ? 'stopped' : 'stopped, but not all parts ended by themselves')
  return clean ? exitCode.success : exitCode.failure
}

/** Before this the folder may belong to another Hawser, whose log is not ours to write. */
const entriesHeldMax = 1_000

/** Terminal and file; the file is opened once the folder is known to be ours. */
class UpLog implements Disposable {
  readonly #configuration: Configuration
  readonly #terminal: (entry: LogEntry) => void
  readonly #keep: (entry: LogEntry) => void
  #held: LogEntry[] = []
  #file: LogFile | undefined

  constructor(configuration: Configuration, io: CommandIo) {
    const { level, format } = configuration.logging
    this.#configuration = configuration
    this.#terminal = fromLevel(level, terminalSink(io.stderr, format, wantsColor(io.stderr, io.env)))
    this.#keep = fromLevel(level, (entry) => {
      if (this.#file !== undefined) this.#file.write(entry)
      else if (this.#held.length < entriesHeldMax) this.#held.push(entry)
    })
  }

  write(entry: LogEntry): void {
    this.#terminal(entry)
    this.#keep(entry)
  }

  openFile(): void {
    const { dataDir, logging } = this.#configuration
    try {
      this.#file = new LogFile(join(dataDir, 'logs'), logging)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new HawserError('DATA_DIR_UNUSABLE', `the log file cannot be opened: ${why}`, { cause })
    }
    for (const entry of this.#held) this.#file.write(entry)
    this.#held = []
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]()
  }
}
