/** `hawser log verify` and `hawser log inspect`: what stands in a data folder, and whether it is whole. */
import type { LaneReport, LogReport, Verified } from '@hawser/engine-local'
import { HawserError } from '@hawser/std'
import { type Command, exitCode } from '../command.ts'
import { helpText, parseFlags } from '../flags.ts'
import { dataFolderFlags, dataFolderOf, sizeText } from './flags.ts'

const flags = dataFolderFlags

export const logCommand: Command = {
  name: 'log',
  summary: 'verify or inspect the files of a data folder',
  help: helpText({
    usage: 'hawser log verify | inspect [--data-dir DIR]',
    about:
      'verify reads every file and names what is damaged by file and offset; it ends with 1 where anything acknowledged\ncannot be read. inspect lists lanes and segments. Both change nothing, and may run beside a running Hawser.',
    flags,
    examples: [
      { command: 'hawser log verify', does: 'of .hawser in this folder' },
      { command: 'hawser log inspect --data-dir /var/lib/hawser --json', does: 'every segment, for a program' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    const [action, ...others] = positionals
    if (others.length > 0 || (action !== 'verify' && action !== 'inspect')) {
      throw new HawserError('USAGE', `hawser log ${positionals.join(' ')}`.trim(), { mend: 'use verify or inspect' })
    }
    const folder = await dataFolderOf(given, io.env)
    const { inspectLog, verifyDataFolder } = await import('@hawser/engine-local')
    if (action === 'inspect') {
      const report = await inspectLog(folder)
      io.stdout.write(given.json ? `${JSON.stringify(report)}\n` : inspected(report))
      return exitCode.success
    }
    const verified = await verifyDataFolder(folder)
    io.stdout.write(given.json ? `${JSON.stringify({ folder, ...verified })}\n` : findings(folder, verified))
    return verified.findings.some(({ kind }) => kind === 'lost') ? exitCode.failure : exitCode.success
  },
}

function findings(folder: string, { segments, records, rows, unfinishedBytes, findings: found }: Verified): string {
  const lines = found.map(({ kind, file, offset, what }) => {
    return `${file}: offset ${offset}: ${what}${kind === 'rebuilt' ? ' (built anew by itself)' : ''}`
  })
  const lost = found.filter(({ kind }) => kind === 'lost').length
  const unfinished = unfinishedBytes === 0 ? '' : `; ${sizeText(unfinishedBytes)} at the end are not finished`
  const verdict = lost === 0 ? 'whole' : `${lost} damaged`
  return `${[...lines, `${folder}: ${verdict}: ${records} records in ${segments} segments, ${rows} rows${unfinished}`].join('\n')}\n`
}

function inspected({ folder, layoutVersion, logId, lanes, stateBytes }: LogReport): string {
  const head = `${folder}: version ${layoutVersion}, log ${logId}, state ${sizeText(stateBytes)}`
  return `${[head, ...lanes.flatMap(laneLines)].join('\n')}\n`
}

function laneLines({ lane, start, end, bytes, segments }: LaneReport): readonly string[] {
  const head = `lane ${lane}: positions ${start} to ${end}, ${sizeText(bytes)} in ${segments.length} segments`
  const lines = segments.map((segment) => {
    const written = segment.lastMicros === 0 ? 'empty' : new Date(segment.lastMicros / 1_000).toISOString()
    const standing = segment.sealed ? 'sealed' : 'open'
    return `  ${segment.file}: ${segment.base} to ${segment.end}, ${sizeText(segment.bytes)}, ${standing}, ${written}`
  })
  return [head, ...lines]
}
