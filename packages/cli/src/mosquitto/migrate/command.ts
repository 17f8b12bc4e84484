/** `hawser migrate mosquitto`: a configuration of our own, and the retained messages of the running broker. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { HawserError } from '@hawser/std'
import { type Command, type CommandIo, exitCode } from '../../command.ts'
import { type FlagValues, helpText, parseFlags } from '../../flags.ts'
import { type PlannedRun, planRun } from '../run.ts'
import { configurationText } from './configuration-text.ts'
import { type Destination, dataFolder, runningHawser } from './destination.ts'
import { fetchRetained, type RetainedSource, withoutPassword } from './retained.ts'

const flags = {
  conf: { kind: 'text', value: 'FILE', help: 'the configuration of the Mosquitto (/etc/mosquitto/mosquitto.conf)' },
  out: { kind: 'text', value: 'FILE', help: 'where our configuration goes (hawser.yaml); it must not be there yet' },
  'data-dir': { kind: 'text', value: 'DIR', help: 'its data folder; else hawser in persistence_location' },
  from: {
    kind: 'text',
    value: 'URL',
    help: 'mqtt://HOST:PORT of the running Mosquitto: its retained messages are fetched',
  },
  username: { kind: 'text', short: 'u', value: 'NAME', help: 'a user who may read all topics there' },
  password: { kind: 'text', short: 'P', value: 'TEXT', help: 'and the password' },
  cafile: { kind: 'text', value: 'FILE', help: 'authorities, where the URL is mqtts://' },
  to: { kind: 'text', value: 'URL', help: 'a running Hawser that gets them; else they go into the data folder' },
} as const

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'come from another broker: mosquitto',
  help: helpText({
    usage: 'hawser migrate mosquitto [flags]',
    about:
      'Writes a configuration of our own that does what the mosquitto.conf does, and fetches the retained messages from\nthe running Mosquitto. Sessions stay behind: their subscriptions and queued messages are not to be had from outside.',
    flags,
    examples: [
      { command: 'hawser migrate mosquitto --conf mosquitto.conf', does: 'hawser.yaml, and what is left to do' },
      {
        command: 'hawser migrate mosquitto --from mqtt://localhost -u admin -P secret',
        does: 'with retained messages',
      },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    const [what, ...others] = positionals
    if (what !== 'mosquitto' || others.length > 0) {
      throw new HawserError('USAGE', `hawser migrate ${positionals.join(' ')} is not known`.replace('  ', ' '), {
        mend: 'say hawser migrate mosquitto',
      })
    }
    await migrate(given, io)
    return exitCode.success
  },
}

async function migrate(given: FlagValues<typeof flags>, io: CommandIo): Promise<void> {
  const out = resolve(given.out ?? 'hawser.yaml')
  if (existsSync(out)) {
    throw new HawserError('USAGE', `${out} is there already`, { mend: 'give another --out, or move it away' })
  }
  const run = await planRun(given.conf ?? '/etc/mosquitto/mosquitto.conf', given, io.env)
  // Made and checked before anything is written or opened.
  const text = await configurationText(run)
  const source = given.from === undefined ? undefined : await sourceOf(given.from, given)
  const taken = source === undefined ? undefined : await takeRetained(source, given.to, run, io)
  await writeFile(out, text, { flag: 'wx', mode: 0o600 })
  io.stdout.write(`wrote ${out}: hawser broker --config ${out}\n`)
  io.stdout.write(
    taken === undefined
      ? 'retained messages stay behind: --from mqtt://HOST:PORT fetches them from the running Mosquitto\n'
      : `${taken} retained messages fetched from ${withoutPassword(source?.url ?? '')}\n`,
  )
  io.stdout.write(
    'sessions stay behind: their subscriptions and what is queued for them; a client that comes back is told that there\n' +
      'is no session, and subscribes again\n',
  )
}

async function sourceOf(
  url: string,
  { username, password, cafile }: Pick<FlagValues<typeof flags>, 'username' | 'password' | 'cafile'>,
): Promise<RetainedSource> {
  if (!URL.canParse(url)) throw new HawserError('USAGE', `${url} is no URL`, { mend: 'write mqtt://HOST:PORT' })
  const ca = cafile === undefined ? undefined : await readFile(cafile, 'utf8')
  return { url, username, password, ca }
}

/** How many there were. */
async function takeRetained(
  source: RetainedSource,
  to: string | undefined,
  { configuration }: PlannedRun,
  io: CommandIo,
): Promise<number> {
  await using destination = await destinationOf(to, configuration, io)
  let count = 0
  let waiting: Promise<void>[] = []
  for await (const message of fetchRetained(source, io)) {
    io.signal.throwIfAborted()
    waiting.push(destination.keep(message))
    count++
    if (waiting.length < keptAtOnce) continue
    await Promise.all(waiting)
    waiting = []
  }
  await Promise.all(waiting)
  const lost = destination.lost()
  if (lost === 0) return count
  throw new HawserError('LOG_FAILED', `${lost} of ${count} retained messages are above limits.retained_messages_max`, {
    mend: 'clear some of them there, or take them by hand',
  })
}

/** So many share a write to the disk. */
const keptAtOnce = 256

function destinationOf(
  to: string | undefined,
  configuration: PlannedRun['configuration'],
  io: CommandIo,
): Promise<Destination> {
  if (to !== undefined) return runningHawser({ url: to })
  if (configuration.log.durability === 'disk') return dataFolder(configuration, io)
  throw new HawserError('USAGE', 'with persistence false nothing is kept in the data folder', {
    mend: 'start hawser, and give its address by --to mqtt://HOST:PORT',
  })
}
