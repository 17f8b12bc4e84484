/** `hawser broker`: the broker alone, in the foreground. */
import type { Listener } from '@hawser/broker'
import { keepFloor } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { openAccess } from '../composition/access.ts'
import { openBroker } from '../composition/broker.ts'
import { openConsole } from '../composition/console.ts'
import { refuseOpenDoors } from '../composition/doors.ts'
import { openEngine } from '../composition/engine.ts'
import type { Configuration } from '../config/configuration.ts'
import { type FlagValues, helpText, parseFlags, refusePositionals } from '../flags.ts'
import { fromLevel, Logger } from '../logging/logger.ts'
import { terminalSink, wantsColor } from '../logging/terminal.ts'
import { serverConfiguration, serverFlags } from '../shared-flags.ts'
import { aborted } from '../shutdown-signal.ts'
import { at } from '../up/screen.ts'
import { watchedBroker } from './watched-broker.ts'

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
  summary: 'run the MQTT broker alone, in the foreground',
  help: helpText({
    usage: 'hawser broker [flags]',
    about:
      'Runs the broker until SIGTERM or Ctrl-C. Prints one line on stdout when it takes connections; everything else\ngoes to stderr.',
    flags,
    examples: [
      { command: 'hawser broker', does: 'MQTT on 127.0.0.1:1883, WebSocket on 9001' },
      { command: 'hawser broker --port 11883 --ws-port 19001', does: 'beside another broker' },
      { command: 'hawser broker --http-port 8080', does: 'with console, health and metrics' },
      { command: 'hawser broker --durability memory', does: 'keeps nothing on disk' },
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
    const configuration = await serverConfiguration(given, given.port, overlay, io.env)
    refuseOpenDoors(configuration)
    await runBroker(configuration, io, http !== undefined)
    return exitCode.success
  },
}

async function runBroker(configuration: Configuration, io: CommandIo, watched: boolean): Promise<void> {
  const { level, format } = configuration.logging
  const sink = fromLevel(level, terminalSink(io.stderr, format, wantsColor(io.stderr, io.env)))
  const context = { clock: io.clock, random: io.random, logger: new Logger('broker', io.clock, sink) }
  await using engine = await openEngine(configuration, context)
  await using access = await openAccess(configuration, { ...context, env: io.env })
  await using broker = await openBroker(configuration, engine, context, access, [])
  using _floor = keepFloor(engine.log, context.clock, () => broker.floor())
  using _status = engine.log.onStatus((status) => {
    if (status.kind === 'open') context.logger.info('the log takes records again')
    else context.logger.error(status.error.line)
  })
  const stop = new AbortController()
  const signal = AbortSignal.any([io.signal, stop.signal])
  const { clock } = io
  const source = watchedBroker({ configuration, engine, broker, clock, signal, stop: () => stop.abort() })
  await using console = watched ? await openConsole(configuration, source, context, signal) : undefined
  const doors = [...broker.listeners.map(doorUrl), ...(console === undefined ? [] : [console.url])].join(' ')
  io.stdout.write(`hawser broker ready: ${doors} durability=${configuration.log.durability}\n`)
  await aborted(signal)
}

const doorUrl = ({ protocol, host, port, socketPath }: Listener): string =>
  socketPath === undefined ? `${protocol}://${at({ host, port })}` : `${protocol}+unix:${socketPath}`

async function runMosquitto(given: FlagValues<typeof flags>, file: string, io: CommandIo): Promise<number> {
  if (given.check !== true)
    throw new HawserError('USAGE', 'only --check of a mosquitto.conf is there', { mend: 'add --check' })
  const { checkMosquittoConf } = await import('../mosquitto/check.ts')
  return checkMosquittoConf(file, given.json ?? false, io)
}
