/** `hawser connect`: a connector on any MQTT broker, without a Hawser beside it. */
import { HawserError, nearest } from '@hawser/std'
import { type Command, exitCode } from '../command.ts'
import { logLevels } from '../config/configuration.ts'
import { type FlagValues, helpText, parseFlags } from '../flags.ts'

const kinds = ['kafka', 'postgres', 'webhook', 'influx', 'sparkplug', 'mqtt', 'file'] as const

const flags = {
  mqtt: {
    kind: 'text',
    value: 'URL',
    help: 'the broker to take messages from: mqtt://, mqtts://, or a host (MQTT_BROKER)',
  },
  topic: { kind: 'list', short: 't', value: 'FILTER', help: 'topic filters there (#; MQTT_SUB_TOPIC)' },
  share: { kind: 'text', value: 'GROUP', help: 'several share the messages, under this name' },
  username: { kind: 'text', short: 'u', value: 'NAME', help: 'at that broker (MQTT_USERNAME)' },
  'password-file': { kind: 'text', value: 'FILE', help: 'holds the password' },
  'password-env': { kind: 'text', value: 'NAME', help: 'the variable that holds it (MQTT_PASSWORD)' },
  'client-id': { kind: 'text', value: 'ID', help: 'there (of the data folder’s own; MQTT_CLIENT_ID)' },
  'mqtt-version': { kind: 'text', choices: ['5.0', '3.1.1'], help: 'that is spoken there (5.0)' },
  qos: { kind: 'integer', value: 'N', help: 'of the subscription: 0, 1 or 2 (1)' },
  kafka: { kind: 'list', value: 'HOST:PORT', help: 'kafka: any brokers of the cluster (KAFKA_BOOTSTRAP_SERVERS)' },
  url: { kind: 'text', value: 'URL', help: 'of the other end: postgres, webhook, influx, sparkplug, mqtt' },
  set: { kind: 'texts', value: 'KEY=VALUE', help: 'any other key of the connector, its value as in YAML' },
  config: { kind: 'text', value: 'FILE', help: 'YAML or JSON with source:, connector: and the keys of older bridges' },
  name: { kind: 'text', value: 'NAME', help: 'of the connector (its kind)' },
  'data-dir': { kind: 'text', value: 'DIR', help: 'folder of its log (.hawser-connect/NAME)' },
  'log-level': { kind: 'text', choices: logLevels, help: 'the least that is logged (info; LOG_LEVEL)' },
  'statistics-seconds': { kind: 'integer', value: 'N', help: 'how often figures are logged; 0: never (30)' },
  'dry-run': { kind: 'switch', help: 'print what would be written, and leave everything as it is' },
} as const

export type ConnectFlags = FlagValues<typeof flags>

export const connectCommand: Command = {
  name: 'connect',
  summary: 'run a connector on any MQTT broker',
  help: helpText({
    usage: `hawser connect ${kinds.join(' | ')} [flags]`,
    about:
      'Takes messages from any MQTT broker by a durable session, answers each once its own log has it, and writes them to\nthe other end from there: an outage of either shows as lag, never as loss. Until SIGTERM or Ctrl-C.',
    flags,
    examples: [
      {
        command: 'hawser connect kafka --mqtt broker --kafka broker:9092 --set topic=telemetry',
        does: 'MQTT into Kafka',
      },
      {
        command: 'hawser connect file --mqtt mqtt://broker -t plant/# --set folder=/var/log/plant',
        does: 'into files',
      },
      { command: 'hawser connect postgres --mqtt broker --url postgres://user@db/plant', does: 'into PostgreSQL' },
      {
        command: 'hawser connect kafka --config bridge.yaml --share bridges',
        does: 'one of several that share the work',
      },
      { command: 'hawser connect kafka --config bridge.yaml --dry-run', does: 'what would be written' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    const [kind, ...others] = positionals
    if (kind === undefined || others.length > 0 || !kinds.some((one) => one === kind)) throw wrongKind(kind)
    const { connectSettings } = await import('./settings.ts')
    const settings = await connectSettings(kind, given, io)
    if (given['dry-run'] === true) {
      const { runDry } = await import('./dry-run.ts')
      await runDry(settings, io)
    } else {
      const { runConnect } = await import('./run-connect.ts')
      await runConnect(settings, given['statistics-seconds'] ?? statisticsSecondsByDefault, io)
    }
    return exitCode.success
  },
}

const statisticsSecondsByDefault = 30

function wrongKind(kind: string | undefined): HawserError {
  const near = kind === undefined ? undefined : nearest(kind, kinds)
  const mend = near === undefined ? `give one of ${kinds.join(', ')}` : `did you mean "${near}"?`
  return new HawserError('USAGE', kind === undefined ? 'connect needs a kind' : `there is no connector ${kind}`, {
    mend,
  })
}
