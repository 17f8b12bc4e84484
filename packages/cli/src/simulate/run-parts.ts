/** Runs parts in this process, printing on stdout and saying what happens on stderr. */
import { type RunPartContext, runPart, type ScenarioPart } from '@hawser/simulate'
import { keepProcessAlive, seededRandom } from '@hawser/std'
import { type CommandIo, exitCode } from '../command.ts'
import { climate } from './climate.ts'

export interface RunOptions extends Pick<RunPartContext, 'url' | 'protocolVersion'> {
  readonly seed?: number | undefined
  readonly dryRun?: boolean | undefined
}

export async function runParts(parts: readonly ScenarioPart[], options: RunOptions, io: CommandIo): Promise<number> {
  using _alive = keepProcessAlive()
  const ended = new AbortController()
  // Whoever reads the output may have enough: `| head`.
  io.stdout.on('error', () => ended.abort())
  const { seed, dryRun = false, ...connection } = options
  const context: RunPartContext = {
    ...connection,
    dryRun,
    clock: io.clock,
    random: seed === undefined ? io.random : seededRandom(seed),
    signal: AbortSignal.any([io.signal, ended.signal]),
    climate,
    log: (line) => io.stderr.write(`${line}\n`),
    print: (line) => io.stdout.write(`${line}\n`),
  }
  const running = parts.map((part) =>
    runPart(part, context).catch((error: unknown) => {
      ended.abort()
      throw error
    }),
  )
  const failure = (await Promise.allSettled(running)).find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  return exitCode.success
}
