/** What `pub` and `sub` have in common: flags in, exit code out, complaints on stderr. */
import { type CommandIo, exitCode } from '../command.ts'
import { checkConnection, checkProperties } from './flags/check-settings.ts'
import type { Flag } from './flags/flag.ts'
import { readArguments, readDefaultFile } from './flags/read-arguments.ts'
import { ArgumentRefusal, pubsubExitCode, RunRefusal } from './refusal.ts'
import type { ConnectionSettings } from './settings.ts'

export interface PubSubCommand<Settings extends ConnectionSettings> {
  readonly name: 'pub' | 'sub'
  readonly flags: readonly Flag<Settings>[]
  readonly help: string
  defaults(): Settings
  /** Throws `ArgumentRefusal`. */
  check(settings: Settings): void
  /** Answers the exit code; throws `RunRefusal`. */
  execute(settings: Settings, io: CommandIo): Promise<number>
}

export async function runPubSub<Settings extends ConnectionSettings>(
  command: PubSubCommand<Settings>,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  const settings = command.defaults()
  try {
    if (args.includes('--help')) {
      io.stdout.write(command.help)
      return exitCode.success
    }
    readDefaultFile(command.flags, settings, `mosquitto_${command.name}`, io.env)
    readArguments(command.flags, settings, args)
    checkConnection(settings)
    command.check(settings)
    checkProperties(settings)
    return await command.execute(settings, io)
  } catch (error) {
    if (error instanceof ArgumentRefusal) {
      io.stderr.write(`${error.message}\n\nUse 'hawser ${command.name} --help' to see usage.\n`)
      return pubsubExitCode.failure
    }
    if (!(error instanceof RunRefusal)) throw error
    if (!settings.quiet) io.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
}
