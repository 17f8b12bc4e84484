/** `hawser cluster status|watch`: the nodes that serve clients together, as any of them sees them. */
import { type AdminClient, api, type Broker } from '@hawser/admin'
import { HawserError, milliseconds, sleep } from '@hawser/std'
import { adminClient, adminFlags } from '../admin-flags.ts'
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { columns, helpText, parseFlags } from '../flags.ts'
import { changesOf, nodeRow } from './nodes.ts'

const watchEveryMs = milliseconds(1000)

export const clusterCommand: Command = {
  name: 'cluster',
  summary: 'show the nodes that serve clients together, once or as they come and go',
  help: helpText({
    usage: 'hawser cluster status | watch [flags]',
    about:
      'Asks one node for all of them. Ends with 1 where the log of that node takes no records, or it is not well otherwise.\nThe node needs its REST interface: hawser broker --http-port.',
    flags: adminFlags,
    examples: [
      { command: 'hawser cluster status', does: 'who is there, since when, and what each serves' },
      { command: 'hawser cluster watch', does: 'one line for each that comes, goes, or changes' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(adminFlags, args)
    const [action, ...others] = positionals
    if (others.length === 0 && action === 'status') return status(await adminClient(given, io), given.json ?? false, io)
    if (others.length === 0 && action === 'watch') return watch(await adminClient(given, io), given.json ?? false, io)
    throw new HawserError('USAGE', `hawser cluster ${positionals.join(' ')}`.trim(), { mend: 'use status or watch' })
  },
}

async function status(client: AdminClient, json: boolean, io: CommandIo): Promise<number> {
  const [{ brokers: nodes }, health, { log }] = await Promise.all([
    client.call(api.brokers),
    client.call(api.health),
    client.call(api.snapshot),
  ])
  const { durability, status: logStatus } = log
  const ill = health.checks.filter(({ ok }) => !ok)
  const well = ill.length === 0
  const summary = `${nodes.length} nodes, durability ${durability}, ${well ? 'well' : 'not well'}`
  const faults = ill.map(({ part, detail }) => `${part}: ${detail}\n`)
  const text = `${summary}\n${columns(nodes.map(nodeRow))}\n${faults.join('')}`
  io.stdout.write(json ? `${JSON.stringify({ nodes, durability, log: logStatus, health })}\n` : text)
  return well ? exitCode.success : exitCode.failure
}

async function watch(client: AdminClient, json: boolean, io: CommandIo): Promise<number> {
  let before: readonly Broker[] = []
  while (!io.signal.aborted) {
    const now = await nodesNow(client, before)
    const at = new Date(io.clock.wallMicros() / 1000).toISOString()
    for (const change of changesOf(before, now)) {
      io.stdout.write(json ? `${JSON.stringify({ at, ...change })}\n` : `${at} ${change.node} ${change.what}\n`)
    }
    before = now
    await sleep(io.clock, watchEveryMs, io.signal).catch(() => undefined)
  }
  return exitCode.success
}

/** A node that is busy taking over may answer late: what was there before is then shown on. */
async function nodesNow(client: AdminClient, before: readonly Broker[]): Promise<readonly Broker[]> {
  try {
    return (await client.call(api.brokers)).brokers
  } catch (error) {
    if (error instanceof HawserError && error.retryable && before.length > 0) return before
    throw error
  }
}
