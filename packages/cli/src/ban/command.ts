/** `hawser ban list|add|remove`: who is not let in by a running broker. */
import { type AdminClient, api, type Ban, type BanTarget, banTargetSchema } from '@hawser/admin'
import { HawserError } from '@hawser/std'
import { adminClient, adminFlags } from '../admin-flags.ts'
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { columns, type FlagValues, helpText, parseFlags } from '../flags.ts'

const kinds = ['client-id', 'username', 'address'] as const

const flags = {
  'client-id': { kind: 'text', value: 'ID', help: 'a client identifier' },
  username: { kind: 'text', value: 'NAME', help: 'a user name' },
  address: { kind: 'text', value: 'ADDRESS', help: 'an IP address, or a block as 10.0.0.0/8' },
  seconds: { kind: 'integer', value: 'N', help: 'how long; without it until it is removed' },
  reason: { kind: 'text', value: 'TEXT', help: 'why, for who reads the list' },
  ...adminFlags,
} as const

export const banCommand: Command = {
  name: 'ban',
  summary: 'list, add and remove bans of a running broker',
  help: helpText({
    usage: 'hawser ban list | add | remove [flags]',
    about:
      'A ban closes the connections that it is for, and keeps them out: 0x8A, in 3.1.1 5. It outlives a restart. The running\nHawser needs its REST interface: hawser up, or hawser broker --http-port.',
    flags,
    examples: [
      { command: 'hawser ban list', does: 'who is not let in now' },
      { command: 'hawser ban add --client-id pump-7 --seconds 3600 --reason noise', does: 'for an hour' },
      { command: 'hawser ban add --address 10.1.0.0/16', does: 'a block of addresses' },
      { command: 'hawser ban remove --username ann', does: 'takes it back' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    const [action, ...others] = positionals
    const client = others.length === 0 ? await adminClient(given, io) : undefined
    if (client !== undefined && action === 'list') return list(client, given.json ?? false, io)
    if (client !== undefined && action === 'add') return add(client, given, io)
    if (client !== undefined && action === 'remove') {
      await client.call(api.unban, { body: targetOf(given) })
      return exitCode.success
    }
    throw new HawserError('USAGE', `hawser ban ${positionals.join(' ')}`.trim(), { mend: 'use list, add or remove' })
  },
}

type Given = FlagValues<typeof flags>

async function list(client: AdminClient, json: boolean, io: CommandIo): Promise<number> {
  const { bans } = await client.call(api.bans)
  io.stdout.write(
    json ? `${JSON.stringify(bans)}\n` : bans.length === 0 ? 'no bans\n' : `${columns(bans.map(rowOf))}\n`,
  )
  return exitCode.success
}

async function add(client: AdminClient, given: Given, io: CommandIo): Promise<number> {
  const { reason, seconds } = given
  const body = {
    ...targetOf(given),
    ...(reason !== undefined && { reason }),
    ...(seconds !== undefined && { seconds }),
  }
  const ban = await client.call(api.ban, { body })
  if (given.json) io.stdout.write(`${JSON.stringify(ban)}\n`)
  return exitCode.success
}

function targetOf(given: Given): BanTarget {
  const [target, ...others] = kinds.flatMap((kind) => {
    const value = given[kind]
    return value === undefined ? [] : [{ kind, value }]
  })
  if (target === undefined || others.length > 0) {
    throw new HawserError('USAGE', 'a ban is for one of client id, user name and address', {
      mend: 'give --client-id, --username or --address',
    })
  }
  const checked = banTargetSchema.safeParse(target)
  if (checked.success) return checked.data
  throw new HawserError('USAGE', `--${target.kind} ${target.value} is no ${target.kind}`, {
    mend: checked.error.issues[0]?.message ?? 'give another',
  })
}

function rowOf({ kind, value, by, reason, expiresAtMs }: Ban): readonly [string, string] {
  const until = expiresAtMs === null ? 'until removed' : `until ${new Date(expiresAtMs).toISOString()}`
  return [`${kind} ${value}`, `${until}, by ${by}${reason === '' ? '' : `: ${reason}`}`]
}
