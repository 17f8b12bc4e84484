/** `hawser session list|show|kick`: the clients of all nodes, by client identifier. */
import { type AdminClient, api, type Client } from '@hawser/admin'
import { HawserError } from '@hawser/std'
import { adminClient, adminFlags } from '../admin-flags.ts'
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { columns, type FlagValues, helpText, parseFlags } from '../flags.ts'

const flags = {
  search: { kind: 'text', value: 'TEXT', help: 'with list: part of the client id, user name or address' },
  limit: { kind: 'integer', value: 'N', help: 'with list: at most so many (100)' },
  ...adminFlags,
} as const

const limitByDefault = 100

export const sessionCommand: Command = {
  name: 'session',
  summary: 'list, show and disconnect the clients of a running broker, on whichever node they are',
  help: helpText({
    usage: 'hawser session list | show CLIENT | kick CLIENT [flags]',
    about:
      'Asks one node for the clients of all. A client that is kicked may come back: hawser ban keeps it out. The running\nHawser needs its REST interface: hawser up, or hawser broker --http-port.',
    flags,
    examples: [
      { command: 'hawser session list --search pump', does: 'who has it in its id, user name or address' },
      { command: 'hawser session show pump-7', does: 'one of them' },
      { command: 'hawser session kick pump-7', does: 'closes its connection' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    const [action, clientId, ...others] = positionals
    const isWhole = others.length === 0
    if (isWhole && action === 'list' && clientId === undefined) return list(await adminClient(given, io), given, io)
    if (isWhole && clientId !== undefined && (action === 'show' || action === 'kick')) {
      const client = await adminClient(given, io)
      if (action === 'show') return show(client, clientId, given.json ?? false, io)
      await client.call(api.kickClient, { body: { clientId } })
      return exitCode.success
    }
    throw new HawserError('USAGE', `hawser session ${positionals.join(' ')}`.trim(), {
      mend: 'use list, show CLIENT or kick CLIENT',
    })
  },
}

async function list(client: AdminClient, given: FlagValues<typeof flags>, io: CommandIo): Promise<number> {
  const search = given.search === undefined ? {} : { search: given.search }
  const query = { ...search, offset: 0, limit: given.limit ?? limitByDefault }
  const page = await client.call(api.clients, { query })
  const rows = page.items.map((one) => [one.clientId, oneLine(one)] as const)
  const rest = page.matching - page.items.length
  const more = rest > 0 ? `\n${rest} more: give --search or --limit` : ''
  const text = rows.length === 0 ? 'no clients' : `${columns(rows)}${more}`
  io.stdout.write(`${given.json ? JSON.stringify(page) : text}\n`)
  return exitCode.success
}

async function show(client: AdminClient, clientId: string, json: boolean, io: CommandIo): Promise<number> {
  const { items } = await client.call(api.clients, { query: { search: clientId, offset: 0, limit: limitByDefault } })
  const found = items.find((one) => one.clientId === clientId)
  if (found === undefined) {
    throw new HawserError('BROKER_REFUSED', `no client is called ${clientId}`, { mend: 'see hawser session list' })
  }
  const rows = Object.entries(found).map(([name, value]) => [name, String(value)] as const)
  io.stdout.write(`${json ? JSON.stringify(found) : columns(rows)}\n`)
  return exitCode.success
}

function oneLine({ connected, address, protocol, username, subscriptions, inflight }: Client): string {
  const where = connected ? `connected from ${address}` : 'away'
  const who = username === null ? '' : `, user ${username}`
  return `${where}, MQTT ${protocol}${who}, ${subscriptions} subscriptions, ${inflight} in flight`
}
