/** `hawser backup`: a copy of log and state, while they are written. */
import { resolve } from 'node:path'
import { HawserError } from '@hawser/std'
import { type Command, exitCode } from '../command.ts'
import { helpText, parseFlags, refusePositionals } from '../flags.ts'
import { dataFolderFlags, dataFolderOf, sizeText } from './flags.ts'

const flags = {
  to: { kind: 'text', value: 'FOLDER', help: 'where the backup goes: a new or an empty folder' },
  ...dataFolderFlags,
} as const

export const backupCommand: Command = {
  name: 'backup',
  summary: 'copy log and state of a data folder, while Hawser runs',
  help: helpText({
    usage: 'hawser backup --to FOLDER [--data-dir DIR]',
    about:
      'Copies what sessions, retained messages and connectors rely on; what was acknowledged before it began is in it.\nThe embedded database and the files of the logger are not: they are made from the log. Nothing has to be stopped.',
    flags,
    examples: [{ command: 'hawser backup --to /backup/monday', does: 'of .hawser in this folder' }],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    refusePositionals(positionals)
    if (given.to === undefined) throw new HawserError('USAGE', 'backup needs --to', { mend: 'name a new folder' })
    const folder = await dataFolderOf(given, io.env)
    const { backUp } = await import('@hawser/engine-local')
    const target = resolve(given.to)
    const report = await backUp({ folder, target, clock: io.clock, signal: io.signal })
    io.stdout.write(
      given.json
        ? `${JSON.stringify({ folder, target, ...report })}\n`
        : `backed up ${folder} to ${target}: ${report.files} files, ${sizeText(report.bytes)}\n`,
    )
    return exitCode.success
  },
}
