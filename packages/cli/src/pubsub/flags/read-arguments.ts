/** From the default file and the command line to settings, by a table of flags. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandIo } from '../../command.ts'
import { ArgumentRefusal } from '../refusal.ts'
import { type Flag, flagName } from './flag.ts'

export function readArguments<Settings>(
  flags: readonly Flag<Settings>[],
  settings: Settings,
  args: readonly string[],
): void {
  for (let at = 0; at < args.length; ) {
    const name = args[at] ?? ''
    const flag = flags.find(({ short, long }) => name === short || name === long)
    if (flag === undefined) throw new ArgumentRefusal(`Error: Unknown option '${name}'.`)
    const following = args.slice(at + 1)
    const count = argumentCount(flag, following)
    flag.set(settings, ...following.slice(0, count))
    at += 1 + count
  }
}

function argumentCount<Settings>(flag: Flag<Settings>, following: readonly string[]): number {
  if (flag.takes !== undefined) return flag.takes(following)
  if (flag.value === undefined) return 0
  if (following.length > 0) return 1
  // Mosquitto's own complaint has the long name of this one.
  const name = flag.short === '-V' ? flag.long : flagName(flag)
  throw new ArgumentRefusal(`Error: ${name} argument given but ${flag.missing ?? 'no value specified'}.`)
}

/**
 * The defaults that Mosquitto's clients read too: one flag a line, in $XDG_CONFIG_HOME/NAME or $HOME/.config/NAME.
 * Whoever comes from there finds them in force here.
 */
export function readDefaultFile<Settings>(
  flags: readonly Flag<Settings>[],
  settings: Settings,
  name: string,
  env: CommandIo['env'],
): void {
  const { XDG_CONFIG_HOME: folder, HOME: home } = env
  const path = folder !== undefined ? join(folder, name) : home === undefined ? undefined : join(home, '.config', name)
  const text = path === undefined ? '' : textOf(path)
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue
    const [, flag, , value] = /^ *([^ ]+)( (.*))?$/.exec(line) ?? []
    if (flag !== undefined) readArguments(flags, settings, value === undefined ? [flag] : [flag, value])
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Nobody has to have one.
    return ''
  }
}
