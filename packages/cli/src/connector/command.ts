/** `hawser connector`: the readers of the log of a running Hawser, looked at and told where to go. */
import { type AdminClient, api, type ConnectorSnapshot, deadLettersMax, dryRunMax } from '@hawser/admin'
import { HawserError } from '@hawser/std'
import { adminClient, adminFlags } from '../admin-flags.ts'
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { columns, type FlagValues, helpText, parseFlags } from '../flags.ts'
import { printDryRun } from './dry-run.ts'
import { seekCommand } from './seek-command.ts'
import { statisticsRows } from './statistics-rows.ts'

const flags = {
  time: { kind: 'text', value: 'TIME', help: 'seek: the first record of then or later, as 2026-01-31T08:00:00Z' },
  'seconds-ago': { kind: 'integer', value: 'N', help: 'seek: so long before now' },
  position: { kind: 'list', value: 'P:N', help: 'seek: position N of partition P; several with commas' },
  topic: { kind: 'text', value: 'TOPIC', help: 'test: one message in place of the samples' },
  payload: { kind: 'text', value: 'TEXT', help: 'test: its payload' },
  message: {
    kind: 'text',
    value: 'FILE',
    help: 'test: the message as JSON or YAML, with user_properties and the like',
  },
  limit: {
    kind: 'integer',
    value: 'N',
    help: `how many are shown; dead-letters: 100, at most ${deadLettersMax}; dry-run: 10, at most ${dryRunMax}`,
  },
  ...adminFlags,
} as const

export type ConnectorFlags = FlagValues<typeof flags>

export const connectorCommand: Command = {
  name: 'connector',
  summary:
    'list, show, pause, resume and move the connectors of a running Hawser, replay their dead letters, try their rules',
  help: helpText({
    usage:
      'hawser connector list | show NAME | pause NAME | resume NAME | seek NAME [oldest | newest] | dead-letters NAME [replay] | dry-run NAME | test [NAME]',
    about:
      'A connector reads the durable log by a cursor of its own. Paused, or with its sink away, its lag grows and nothing is\nlost. Moved back it writes again what it has written: a database has each record once all the same, Kafka has it\nunder the same event id, files have it twice.',
    flags,
    examples: [
      { command: 'hawser connector list', does: 'where each stands' },
      { command: 'hawser connector seek telemetry --seconds-ago 600', does: 'the last ten minutes again' },
      { command: 'hawser connector seek telemetry newest', does: 'leaves out what it has not read' },
      { command: 'hawser connector dead-letters telemetry', does: 'what its sink has refused, and why' },
      { command: 'hawser connector dead-letters telemetry replay', does: 'writes it once more' },
      { command: 'hawser connector dry-run telemetry --limit 20', does: 'what would leave next, and by which rule' },
      {
        command: 'hawser connector test --config hawser.yaml',
        does: 'tries rules with their samples, without a broker',
      },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    const [action, name, word, ...others] = positionals
    const wrong = (): HawserError =>
      new HawserError('USAGE', `hawser connector ${positionals.join(' ')}`.trim(), { mend: 'see --help' })
    if (others.length > 0) throw wrong()
    const ask = async (): Promise<AdminClient> => adminClient(given, io)
    if (action === 'test' && word === undefined) return (await import('./test-rules.ts')).testRules(name, given, io)
    if (action === 'list' && name === undefined) return list(await ask(), given.json ?? false, io)
    if (name === undefined) throw wrong()
    const params = { name }
    if (action === 'seek') {
      const body = seekCommand(word, given, io.clock)
      await (await ask()).call(api.seekConnector, { params, body })
      return exitCode.success
    }
    if (action === 'dead-letters' && word === 'replay') return replay(await ask(), name, given.json ?? false, io)
    if (word !== undefined) throw wrong()
    switch (action) {
      case 'show':
        return show(await ask(), name, given.json ?? false, io)
      case 'dry-run':
        return printDryRun(await ask(), name, given, io)
      case 'pause':
        await (await ask()).call(api.pauseConnector, { params })
        return exitCode.success
      case 'resume':
        await (await ask()).call(api.resumeConnector, { params })
        return exitCode.success
      case 'dead-letters':
        return deadLetters(await ask(), name, given, io)
      default:
        throw wrong()
    }
  },
}

async function list(client: AdminClient, json: boolean, io: CommandIo): Promise<number> {
  const { connectors } = await client.call(api.connectors)
  const rows = connectors.map((one) => [one.name, `${one.state}, ${behind(one)}, ${one.target}`] as const)
  const text = rows.length === 0 ? 'no connector is configured' : columns(rows)
  io.stdout.write(`${json ? JSON.stringify(connectors) : text}\n`)
  return exitCode.success
}

async function show(client: AdminClient, name: string, json: boolean, io: CommandIo): Promise<number> {
  const { connectors } = await client.call(api.connectors)
  const found = connectors.find((one) => one.name === name)
  if (found === undefined) {
    throw new HawserError('BROKER_REFUSED', `no connector is called ${name}`, {
      mend: `there are ${connectors.map((one) => one.name).join(', ') || 'none'}`,
    })
  }
  io.stdout.write(`${json ? JSON.stringify(found) : columns(rowsOf(found))}\n`)
  return exitCode.success
}

function rowsOf(one: ConnectorSnapshot): readonly (readonly [string, string])[] {
  const { lastError } = one
  return [
    ['state', one.state],
    ['kind', one.kind],
    ['target', one.target],
    ['lag', `${behind(one)}, ${one.lag.bytes ?? '?'} bytes, ${(one.lag.seconds ?? 0).toFixed(1)} s`],
    ['backlog', `${(one.lag.share * 100).toFixed(2)} % of what it may hold back`],
    ['written', `${one.written}, ${one.ratePerSecond.toFixed(0)}/s`],
    ...statisticsRows(one.statistics),
    ['met again', String(one.duplicates)],
    ['dead letters', String(one.deadLetters)],
    ['dropped', String(one.dropped)],
    ['lost', String(one.lost)],
    ...one.rules.map(ruleRow),
    ['last error', lastError === null ? 'none' : `${new Date(lastError.atMs).toISOString()} ${lastError.message}`],
  ]
}

const ruleRow = ({ name, matched, dropped, failed }: ConnectorSnapshot['rules'][number]): readonly [string, string] => [
  `rule ${name}`,
  `${matched} matched, ${dropped} dropped, ${failed} failed`,
]

const behind = ({ lag }: ConnectorSnapshot): string => `${lag.messages} behind`

async function deadLetters(client: AdminClient, name: string, given: ConnectorFlags, io: CommandIo): Promise<number> {
  const query = given.limit === undefined ? {} : { limit: given.limit }
  const { deadLetters: found } = await client.call(api.deadLetters, { params: { name }, query })
  const rows = found.map(({ eventId, topic, reason }) => [eventId, `${topic}: ${reason}`] as const)
  const text = rows.length === 0 ? 'no dead letters' : columns(rows)
  io.stdout.write(`${given.json ? JSON.stringify(found) : text}\n`)
  return exitCode.success
}

/** No where some are not in the sink afterwards. */
async function replay(client: AdminClient, name: string, json: boolean, io: CommandIo): Promise<number> {
  const report = await client.call(api.replayDeadLetters, { params: { name } })
  const { written, refused, gone } = report
  const text = `${written} written, ${refused} refused again, ${gone} no longer in the log`
  io.stdout.write(`${json ? JSON.stringify(report) : text}\n`)
  return refused + gone === 0 ? exitCode.success : exitCode.failure
}
