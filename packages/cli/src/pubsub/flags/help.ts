/** The help text of a command, from its table of flags. */
import type { CommandExample } from '../../command.ts'
import { columns } from '../../flags.ts'
import type { Flag } from './flag.ts'

export interface PubSubHelp {
  readonly usage: string
  readonly about: string
  readonly flags: readonly Flag<never>[]
  readonly examples: readonly CommandExample[]
}

export function pubSubHelp({ usage, about, flags, examples }: PubSubHelp): string {
  const flagRows = flags.map((flag) => [flagTitle(flag), flag.help] as const)
  const exampleRows = examples.map(({ command, does }) => [command, does] as const)
  return `Usage: ${usage}\n\n${about}\n\nFlags:\n${columns(flagRows)}\n\nExamples:\n${columns(exampleRows)}\n`
}

function flagTitle({ short, long, value }: Flag<never>): string {
  const names = [short ?? '  ', long].filter((name) => name !== undefined).join(short === undefined ? '  ' : ', ')
  return value === undefined ? names : `${names} ${value}`
}
