/** `hawser trace`: the packets of a client, an address or a topic, as a running broker sees them. */
import { type AdminClient, api, type TraceEventShown } from '@hawser/admin'
import { HawserError, milliseconds, sleep } from '@hawser/std'
import { adminClient, adminFlags } from '../admin-flags.ts'
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { helpText, parseFlags, refusePositionals } from '../flags.ts'

const secondsDefault = 600
const pollMs = milliseconds(300)

const flags = {
  'client-id': { kind: 'text', value: 'ID', help: 'only this client' },
  address: { kind: 'text', value: 'ADDRESS', help: 'only clients from this IP address' },
  topic: { kind: 'text', short: 't', value: 'FILTER', help: 'only publishes whose topic it matches, of all clients' },
  seconds: { kind: 'integer', value: 'N', help: `end after so long (${secondsDefault})` },
  ...adminFlags,
} as const

export const traceCommand: Command = {
  name: 'trace',
  summary: 'show the packets of a client, an address or a topic of a running broker',
  help: helpText({
    usage: 'hawser trace [flags]',
    about:
      'Prints packets in and out and what becomes of connections, from now on, until Ctrl-C: never payloads or passwords.\nThe running Hawser needs its REST interface: hawser up, or hawser broker --http-port.',
    flags,
    examples: [
      { command: 'hawser trace --client-id pump-7', does: 'why does this device come and go?' },
      { command: "hawser trace -t 'factory/+/telemetry'", does: 'who publishes there, and who gets it?' },
      { command: 'hawser trace --address 10.1.2.3 --json', does: 'one JSON object a line' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    refusePositionals(positionals)
    const { 'client-id': clientId, address, topic: topicFilter, seconds = secondsDefault } = given
    if (clientId === undefined && address === undefined && topicFilter === undefined) {
      throw new HawserError('USAGE', 'a trace of everything is too much', {
        mend: 'give --client-id, --address or --topic',
      })
    }
    const client = await adminClient(given, io)
    const selection = {
      ...(clientId !== undefined && { clientId }),
      ...(address !== undefined && { address }),
      ...(topicFilter !== undefined && { topicFilter }),
    }
    const { id } = await client.call(api.startTrace, { body: { ...selection, seconds } })
    await follow(client, id, given.json ?? false, io)
    return exitCode.success
  },
}

async function follow(client: AdminClient, id: string, json: boolean, io: CommandIo): Promise<void> {
  let after = 0
  for (;;) {
    const { events, next, dropped, running } = await client.call(api.readTrace, { body: { id, after } })
    if (dropped > 0) io.stderr.write(`hawser trace: ${dropped} events were too many and are gone\n`)
    for (const event of events) io.stdout.write(`${json ? JSON.stringify(event) : lineOf(event)}\n`)
    after = next
    if (!running && events.length === 0) return
    if (events.length === 0) await sleep(io.clock, pollMs, io.signal).catch(() => undefined)
    // Ctrl-C ends the trace by its own time: the broker forgets it then.
    if (io.signal.aborted) return
  }
}

const arrows = { in: '→', out: '←', event: '·' } as const

function lineOf({ atMs, direction, clientId, address, what, details }: TraceEventShown): string {
  const time = new Date(atMs).toISOString()
  const said = Object.entries(details).map(
    ([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : value}`,
  )
  return [time, arrows[direction], clientId === '' ? address : clientId, what, ...said].join(' ')
}
