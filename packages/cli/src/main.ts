/** The `hawser` command: finds the subcommand, runs it with the real world, and ends with its exit code. */
import { HawserError, keepProcessAlive, milliseconds, nearest, systemClock, systemRandom } from '@hawser/std'
import { type CommandIo, exitCode, type LazyCommand } from './command.ts'
import { commands } from './commands.ts'
import { failureOf } from './failure.ts'
import { columns } from './flags.ts'
import { onHangUp, shutdownSignal } from './shutdown-signal.ts'
import { version } from './version.ts'

export async function runHawser(args: readonly string[], io: CommandIo, known = commands): Promise<number> {
  try {
    return await dispatch(args, io, known)
  } catch (error) {
    const failure = failureOf(error)
    io.stderr.write(`${failure.line}\n`)
    return failure.exitCode
  }
}

async function dispatch(args: readonly string[], io: CommandIo, known: readonly LazyCommand[]): Promise<number> {
  const [first, ...rest] = args
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    const asked = first === 'help' ? rest[0] : undefined
    io.stdout.write(asked === undefined ? overview(known) : (await load(asked, known)).help)
    return exitCode.success
  }
  if (first === '--version' || first === 'version') {
    io.stdout.write(`hawser ${version}\n`)
    return exitCode.success
  }
  const command = await load(first, known)
  if (rest.includes('--help')) {
    io.stdout.write(command.help)
    return exitCode.success
  }
  return command.run(rest, io)
}

function load(name: string, known: readonly LazyCommand[]) {
  const found = known.find((command) => command.name === name)
  if (found !== undefined) return found.load()
  const names = known.map((command) => command.name)
  const near = nearest(name, names)
  throw new HawserError('USAGE', `unknown command "${name}"`, {
    mend: near === undefined ? `choose one of ${names.join(', ')}` : `did you mean "${near}"?`,
  })
}

const overview = (known: readonly LazyCommand[]): string => `Usage: hawser COMMAND [flags]

MQTT broker and telemetry pipeline over one durable log.

Commands:
${columns(known.map(({ name, summary }) => [name, summary]))}

Examples:
${columns([
  ['hawser up', 'everything, with simulated devices, on this machine'],
  ['hawser broker --port 1883', 'the broker alone'],
  ["hawser sub -t '#' -v", 'print what comes by'],
  ['hawser COMMAND --help', 'flags and examples of one command'],
])}
`

/** Every command ends within 5 s of the signal; the rest is for flushing what it said. */
const endMsMax = milliseconds(4_800)

/** Runs the process's own command line. Called by bin/hawser.mjs. */
export async function main(): Promise<void> {
  // A command that only waits, for a clock or a child to come back, must not end by having nothing to do.
  using _alive = keepProcessAlive()
  const { stdin, stdout, stderr, env } = process
  const signal = shutdownSignal()
  signal.addEventListener('abort', () => {
    systemClock.after(endMsMax, () => {
      stderr.write('hawser: did not end in time\n')
      process.exit(exitCode.failure)
    })
  })
  const io: CommandIo = {
    stdin,
    stdout,
    stderr,
    env,
    signal,
    onHangUp,
    clock: systemClock,
    random: systemRandom,
  }
  process.exitCode = await runHawser(process.argv.slice(2), io)
  // A handle that a library left open must not keep a finished command alive; what was written is flushed first.
  stdout.write('', () => stderr.write('', () => process.exit()))
}
