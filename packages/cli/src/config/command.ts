/** `hawser config check FILE` and `hawser config show`. */
import { dirname, resolve } from 'node:path'
import { HawserError } from '@hawser/std'
import type { Command, CommandIo } from '../command.ts'
import { exitCode } from '../command.ts'
import { helpText, parseFlags } from '../flags.ts'
import { accessFaults } from './access-check.ts'
import { isReadable, namedFiles } from './auth-files.ts'
import { checkedFile } from './checked.ts'
import { type Fault, faultLine } from './fault.ts'
import { loadConfiguration } from './load.ts'
import { renameKeys, snakeCase } from './names.ts'

const flags = {
  config: { kind: 'text', value: 'FILE', help: 'the file that show starts from' },
  json: { kind: 'switch', help: 'print JSON' },
} as const

export const configCommand: Command = {
  name: 'config',
  summary: 'check a configuration file, or show what is in force',
  help: helpText({
    usage: 'hawser config check FILE | show [--config FILE] | schema | limits',
    about:
      'check names file, line and mend of each fault. show prints defaults, file and HAWSER_ variables laid over each\nother. schema prints the JSON Schema, as in docs/hawser.schema.json; limits every bound of the broker, as in\ndocs/limits.md.',
    flags,
    examples: [
      { command: 'hawser config check hawser.yaml', does: 'every fault of the file, one line each' },
      { command: 'HAWSER_HTTP_PORT=9080 hawser config show', does: 'what a start would use' },
      { command: 'hawser config schema > hawser.schema.json', does: 'for an editor that completes YAML' },
    ],
  }),
  async run(args, io) {
    const parsed = parseFlags(flags, args)
    const [action, file] = parsed.positionals
    const json = parsed.flags.json ?? false
    switch (action) {
      case 'check':
        return check(file ?? parsed.flags.config, json, io)
      case 'show':
        return show(file ?? parsed.flags.config, json, io)
      case 'schema':
        io.stdout.write((await import('./schema.ts')).configurationJsonSchema())
        return exitCode.success
      case 'limits':
        io.stdout.write((await import('./limits-document.ts')).limitsDocument())
        return exitCode.success
      default:
        throw new HawserError('USAGE', `hawser config ${action ?? ''} is not known`.replace('  ', ' '), {
          mend: 'use check FILE, show, schema or limits',
        })
    }
  },
}

async function check(file: string | undefined, json: boolean, io: CommandIo): Promise<number> {
  if (file === undefined)
    throw new HawserError('USAGE', 'config check needs a file', { mend: 'hawser config check FILE' })
  const { value, faults: wrong } = await checkedFile(file)
  const missing = wrong.length > 0 ? wrong : await missingFiles(value, file)
  const faults = missing.length > 0 ? missing : await accessFaults(file)
  if (json) io.stdout.write(`${JSON.stringify({ file, ok: faults.length === 0, faults })}\n`)
  else if (faults.length === 0) io.stdout.write(`${file}: good\n`)
  else io.stderr.write(faults.map((fault) => `${faultLine(fault)}\n`).join(''))
  return faults.length === 0 ? exitCode.success : exitCode.configuration
}

/** A file that is missing at the start would refuse it. */
async function missingFiles(value: Readonly<Record<string, unknown>>, file: string): Promise<readonly Fault[]> {
  const named = namedFiles({
    auth: value['auth'],
    acl: value['acl'],
    mosquitto_access: value['mosquitto_access'],
    listeners: value['listeners'],
  })
  const found = await Promise.all(named.map((each) => isReadable(resolve(dirname(file), each.file))))
  return named.flatMap((each, index) =>
    found[index] === true
      ? []
      : [
          {
            where: file,
            what: `${each.path.join('.')}: ${each.file} cannot be read`,
            mend: 'make it, or mend its rights',
          },
        ],
  )
}

async function show(file: string | undefined, json: boolean, io: CommandIo): Promise<number> {
  const configuration = renameKeys(withoutPassword(await loadConfiguration({ file, env: io.env })), snakeCase)
  const { stringify } = await import('yaml')
  io.stdout.write(json ? `${JSON.stringify(configuration, undefined, 2)}\n` : stringify(configuration))
  return exitCode.success
}

/** What is shown gets pasted into bug reports. */
function withoutPassword(configuration: unknown): unknown {
  return JSON.parse(
    JSON.stringify(configuration)
      .replace(/(postgres(?:ql)?:\/\/[^:@/"]*):[^@"]*@/g, '$1:***@')
      .replace(/("passphrase":)"(?:[^"\\]|\\.)*"/g, '$1"***"'),
  )
}
