/** `hawser node`: one of several processes on one data folder, each at addresses of its own. */
import { runBroker } from '../broker/run-broker.ts'
import { type Command, exitCode } from '../command.ts'
import { refuseOpenDoors } from '../composition/doors.ts'
import { helpText, parseFlags, refusePositionals } from '../flags.ts'
import { serverConfiguration, serverFlags, serverSources } from '../shared-flags.ts'
import { refuseApart } from '../workers/worker-parts.ts'

const { workers: _, durability: __, ...ownFlags } = serverFlags

const flags = {
  port: { kind: 'port', short: 'p', value: 'N', help: 'MQTT over TCP (1883); 0 lets the system choose' },
  'http-port': { kind: 'port', value: 'N', help: 'serve page, REST, health and metrics there too; 0: any free port' },
  ...ownFlags,
} as const

export const nodeCommand: Command = {
  name: 'node',
  summary: 'run a broker beside others on one data folder, at its own addresses',
  help: helpText({
    usage: 'hawser node [flags]\n       hawser node drain [flags]',
    about:
      'Runs one broker of several on one data folder, until SIGTERM or Ctrl-C. What is published at one reaches the\nsubscribers of all; a session may come back at any. Prints one line on stdout when it takes connections.\nhawser node drain sends the clients of a running one away at a pace, and ends it.',
    flags,
    examples: [
      { command: 'hawser node --port 1883 --ws-port 9001', does: 'the first' },
      { command: 'hawser node --port 1884 --ws-port 9003', does: 'another on the same data folder, .hawser' },
      { command: 'hawser node drain --http-port 8081 --rate 500', does: 'ends one, 500 clients a second' },
    ],
  }),
  async run(args, io) {
    if (args[0] === 'drain') return (await import('./drain.ts')).drainNode(args.slice(1), io)
    const { flags: given, positionals } = parseFlags(flags, args)
    refusePositionals(positionals)
    const http = given['http-port']
    const sources = serverSources(given, given.port, http === undefined ? {} : { http: { port: http } })
    const load = () => serverConfiguration(sources, io.env)
    const configuration = await load()
    refuseOpenDoors(configuration)
    refuseApart(configuration)
    const company = { member: true, sharedPorts: false }
    await runBroker(configuration, io, { name: 'node', company, watched: http !== undefined, load })
    return exitCode.success
  },
}
