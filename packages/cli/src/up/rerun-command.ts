/** The command that was typed, for a line to paste: as `npm start -- …` where npm runs us. */
import { shellWord } from './screen.ts'

/** A flag that is added to it wins over one that is there already: the last one counts. */
export function rerunCommand(args: readonly string[], env: Readonly<Record<string, string | undefined>>): string {
  const start = env['npm_lifecycle_event'] === 'start' ? 'npm start --' : 'npx hawser up'
  return [start, ...args.map(shellWord)].join(' ')
}
