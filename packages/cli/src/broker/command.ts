/** `hawser broker`: the broker and nothing else, in the foreground, as one process or several. */
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { refuseOpenDoors } from '../composition/doors.ts'
import { type FlagValues, helpText, parseFlags, refusePositionals } from '../flags.ts'
import { serverConfiguration, serverFlags, serverSources } from '../shared-flags.ts'
import { runBroker } from './run-broker.ts'

const flags = {
  port: { kind: 'port', short: 'p', value: 'N', help: 'MQTT over TCP (1883); 0 lets the system choose' },
  'http-port': { kind: 'port', value: 'N', help: 'serve page, REST, health and metrics there too; 0: any free port' },
  ...serverFlags,
  'mosquitto-conf': { kind: 'text', value: 'FILE', help: 'take everything from a mosquitto.conf, as Mosquitto would' },
  check: { kind: 'switch', help: 'with --mosquitto-conf: list each of its options with what becomes of it' },
  json: { kind: 'switch', help: 'with --check: print JSON' },
} as const

export const brokerCommand: Command = {
  name: 'broker',
  summary: 'run the MQTT broker, in the foreground',
  help: helpText({
    usage: 'hawser broker [flags]',
    about:
      'Runs the broker until SIGTERM or Ctrl-C. Prints one line on stdout when it takes connections; everything else\ngoes to stderr. SIGHUP reads the configuration again: limits, listeners, logins and rights change while clients stay.',
    flags,
    examples: [
      { command: 'hawser broker', does: 'MQTT on localhost:1883, WebSocket on 9001' },
      { command: 'hawser broker --port 11883 --ws-port 19001', does: 'beside another broker' },
      { command: 'hawser broker --http-port 8080', does: 'with console, health and metrics' },
      { command: 'hawser broker --workers 4', does: 'four processes, on the same ports and data folder' },
      { command: 'hawser broker --engine nats://a:4222,nats://b:4222', does: 'a node of several hosts' },
      { command: 'hawser broker --durability memory', does: 'keeps nothing on disk' },
      { command: 'hawser broker --mosquitto-conf mosquitto.conf', does: 'as Mosquitto would' },
      { command: 'hawser broker --mosquitto-conf mosquitto.conf --check', does: 'what of it is honoured' },
      { command: 'hawser broker --host 0.0.0.0 --allow-anonymous', does: 'for the whole network, without login' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    refusePositionals(positionals)
    if (given['mosquitto-conf'] !== undefined) return runMosquitto(given, given['mosquitto-conf'], io)
    const http = given['http-port']
    const overlay = http === undefined ? {} : { http: { port: http } }
    const sources = serverSources(given, given.port, overlay)
    const load = () => serverConfiguration(sources, io.env)
    const configuration = await load()
    refuseOpenDoors(configuration)
    if (configuration.workers > 1) {
      const { runWorkers } = await import('../workers/run-workers.ts')
      return runWorkers(configuration, sources, io, { http: http !== undefined })
    }
    await runBroker(configuration, io, { watched: http !== undefined, load })
    return exitCode.success
  },
}

async function runMosquitto(given: FlagValues<typeof flags>, file: string, io: CommandIo): Promise<number> {
  if (given.check === true) {
    const { checkMosquittoConf } = await import('../mosquitto/check.ts')
    return checkMosquittoConf(file, given.json ?? false, io)
  }
  const { runMosquittoConf } = await import('../mosquitto/run.ts')
  await runMosquittoConf(file, given, io)
  return exitCode.success
}
