/** `hawser restore`: a data folder out of a backup. */
import { resolve } from 'node:path'
import { HawserError } from '@hawser/std'
import { type Command, exitCode } from '../command.ts'
import { helpText, parseFlags, refusePositionals } from '../flags.ts'
import { dataFolderFlags, dataFolderOf, sizeText } from './flags.ts'

const flags = {
  from: { kind: 'text', value: 'FOLDER', help: 'what hawser backup has made' },
  ...dataFolderFlags,
} as const

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'make a data folder from a backup',
  help: helpText({
    usage: 'hawser restore --from FOLDER [--data-dir DIR]',
    about:
      'Checks the whole backup first. The data folder must be missing or empty. What happened after the backup is not in\nit: sessions stand where they stood then, and readers that had come further go on with what is new.',
    flags,
    examples: [{ command: 'hawser restore --from /backup/monday --data-dir .hawser', does: 'then start Hawser on it' }],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    refusePositionals(positionals)
    if (given.from === undefined) throw new HawserError('USAGE', 'restore needs --from', { mend: 'name a backup' })
    const folder = await dataFolderOf(given, io.env)
    const { restore } = await import('@hawser/engine-local')
    const report = await restore({ backup: resolve(given.from), folder, clock: io.clock, signal: io.signal })
    const takenAt = new Date(report.takenAtMicros / 1_000).toISOString()
    io.stdout.write(
      given.json
        ? `${JSON.stringify({ folder, ...report })}\n`
        : `restored ${folder}: ${report.files} files, ${sizeText(report.bytes)}, as of ${takenAt}\n`,
    )
    return exitCode.success
  },
}
