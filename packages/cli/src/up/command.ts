/** `hawser up`: broker, console, connectors and scenarios on this machine, each part a supervised process. */
import { HawserError, nearest } from '@hawser/std'
import type { Command } from '../command.ts'
import { refuseOpenDoors } from '../composition/doors.ts'
import { type ScenarioName, scenarioNames } from '../config/configuration.ts'
import { devicesPasswordVariable, devicesUrl } from '../config/devices-broker.ts'
import { type Overlay, overlay } from '../config/load.ts'
import { helpText, parseFlags, refusePositionals } from '../flags.ts'
import { kafkaBrokers } from '../kafka-flag.ts'
import { serverConfiguration, serverFlags, serverSources } from '../shared-flags.ts'
import { refuseApart, withClaimedPorts } from '../workers/worker-parts.ts'
import { checkPorts } from './ports.ts'
import { rerunCommand } from './rerun-command.ts'
import { runUp } from './run-up.ts'

const flags = {
  scenario: {
    kind: 'list',
    value: 'NAME',
    help: `what is simulated: ${scenarioNames.join(', ')}, none (factory,sensors)`,
  },
  scale: { kind: 'list', value: 'KIND=N', help: 'how many of a device, as sine=3; 0 leaves it out' },
  seed: { kind: 'integer', value: 'N', help: 'makes the devices repeat themselves' },
  'mqtt-port': { kind: 'port', value: 'N', help: 'MQTT over TCP (1883)' },
  'http-port': { kind: 'port', value: 'N', help: 'console, REST, health and metrics (8080)' },
  kafka: {
    kind: 'list',
    value: 'HOST:PORT',
    help: 'a real Kafka: factory goes to topic telemetry, fleet to fms-data-stream',
  },
  postgres: {
    kind: 'text',
    value: 'URL',
    help: 'a real PostgreSQL in place of the embedded one; its password from PGPASSWORD, not from here',
  },
  mqtt: {
    kind: 'text',
    value: 'URL',
    help: `another broker, to which the devices publish and from which their messages come; its password from ${devicesPasswordVariable}`,
  },
  ...serverFlags,
} as const

export const upCommand: Command = {
  name: 'up',
  summary: 'run everything on this machine: broker, console, connectors and a scenario',
  help: helpText({
    usage: 'hawser up [flags]',
    about:
      'Starts broker, console, database and simulated devices, and keeps them running until Ctrl-C. What the broker has\nacknowledged is in the data folder; a second start goes on where the first stopped.',
    flags,
    examples: [
      { command: 'hawser up', does: 'a factory and a sensor network, on the default ports' },
      { command: 'hawser up --mqtt-port 11883 --ws-port 19001 --http-port 18080', does: 'beside another broker' },
      { command: 'hawser up --scenario sensors --scale sine=3', does: 'one scenario, three sine sensors' },
      { command: 'hawser up --scenario fleet --kafka 127.0.0.1:9092', does: 'vehicles into a real Kafka' },
      { command: 'hawser up --scenario factory --mqtt mqtt://127.0.0.1:2883', does: 'machines at another broker' },
      { command: 'hawser up --scenario none --data-dir /var/lib/hawser', does: 'no simulation' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    refusePositionals(positionals)
    const scenarios = given.scenario && scenariosOf(given.scenario)
    const { scale, seed, postgres, mqtt: devicesAt } = given
    const kafka = kafkaBrokers(given.kafka)
    if (postgres !== undefined) refuseShownPassword(postgres)
    if (devicesAt !== undefined) refuseNoBroker(devicesAt)
    const further = {
      scenarios,
      scale,
      seed,
      servers: { kafka, postgres, mqtt: devicesAt },
      http: { port: given['http-port'] },
    }
    const sources = serverSources(given, given['mqtt-port'], further)
    const configuration = await serverConfiguration(sources, io.env)
    const { mqtt, ws } = configuration.listeners
    const { http } = configuration
    refuseOpenDoors(configuration, http.host)
    if (configuration.workers > 1) refuseApart(configuration)
    const [mqttPort, wsPort, httpPort] = await checkPorts(
      [
        { what: 'MQTT', flag: 'mqtt-port', ...mqtt },
        { what: 'WebSocket', flag: 'ws-port', ...ws },
        { what: 'console', flag: 'http-port', ...http },
      ],
      rerunCommand(args, io.env),
    )
    // A port that the system chose stays through a reload.
    const chosen = overlay(sources.flags, {
      listeners: { mqtt: { port: mqttPort }, ws: { port: wsPort } },
      http: { port: httpPort },
    }) as Overlay
    const known = { ...sources, flags: chosen }
    const checked = await serverConfiguration(known, io.env)
    if (checked.workers === 1) return runUp(checked, known, io)
    const claimed = await withClaimedPorts(checked, known, { http: false })
    return runUp(await serverConfiguration(claimed, io.env), claimed, io)
  },
}

/** Whoever may list processes would read it. */
function refuseShownPassword(url: string): void {
  const parsed = URL.parse(url)
  if (parsed !== null && /^postgres(ql)?:$/.test(parsed.protocol) && parsed.password === '') return
  throw new HawserError('USAGE', '--postgres takes a URL without a password, as postgres://USER@HOST:5432/DATABASE', {
    mend: 'give the password in PGPASSWORD, or the URL in HAWSER_SERVERS_POSTGRES',
  })
}

function refuseNoBroker(url: string): void {
  if (devicesUrl.test(url)) return
  throw new HawserError('USAGE', '--mqtt takes the URL of a broker, as mqtt://USER@HOST:1883, without a password', {
    mend: `give the password in ${devicesPasswordVariable}`,
  })
}

function scenariosOf(names: readonly string[]): readonly ScenarioName[] {
  if (names.length === 1 && names[0] === 'none') return []
  return names.map((name) => {
    const found = scenarioNames.find((known) => known === name)
    if (found !== undefined) return found
    const near = nearest(name, scenarioNames)
    throw new HawserError('USAGE', `--scenario ${name} is not known`, {
      mend: near === undefined ? `choose from ${scenarioNames.join(', ')}, none` : `did you mean "${near}"?`,
    })
  })
}
