/** `hawser doctor`: looks at a running Hawser as an operator would, one line for each part. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { brokerUrl } from '@hawser/simulate'
import { HawserError, milliseconds } from '@hawser/std'
import { connectMqtt, consolePort, type Finding, runDoctor } from '@hawser/verify'
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { tokenPath } from '../composition/token.ts'
import type { Configuration } from '../config/configuration.ts'
import { loadConfiguration } from '../config/load.ts'
import { type FlagValues, helpText, parseFlags, refusePositionals } from '../flags.ts'
import { wantsColor } from '../logging/terminal.ts'
import { secondsOf } from '../simulate/device-flags.ts'
import { scaleOf } from '../simulate/scenario.ts'
import { startSine } from './component.ts'
import { findingLine, report, summaryLine } from './render.ts'

const flags = {
  'http-port': { kind: 'port', value: 'N', help: 'port of the console on this machine (8080)' },
  url: { kind: 'text', value: 'URL', help: 'address of the console, in place of --http-port' },
  'mqtt-url': { kind: 'text', value: 'URL', help: 'address of the broker, in place of what the console says' },
  timeout: { kind: 'text', value: 'S', help: 'seconds to wait for what should happen (9)' },
  scale: { kind: 'list', value: 'KIND=N', help: 'what hawser up was told: so many devices must be heard' },
  'stop-check': { kind: 'text', value: 'ID', help: 'start a sine sensor of this name, and end it by its stop command' },
  'data-dir': { kind: 'text', value: 'DIR', help: 'folder with the token, where reading needs it (.hawser)' },
  config: { kind: 'text', value: 'FILE', help: 'the file that hawser up was given' },
  json: { kind: 'switch', help: 'print JSON' },
} as const

const timeoutDefault = '9'

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'check a running Hawser part by part',
  help: helpText({
    usage: 'hawser doctor [flags]',
    about: `Checks console, supervised parts, broker (TCP and WebSocket, QoS 0 to 2), simulated devices, processor, log,
connectors, KPI rows and metrics of a running hawser up: one line each, and for what fails how to mend it.
A part that was killed in the last 15 seconds is named although it runs again.
The exit code is 0 if all is well, 1 if a check failed, 2 for a mistake in the command.`,
    flags,
    examples: [
      { command: 'hawser doctor', does: 'the Hawser on this machine, on the default ports' },
      { command: 'hawser doctor --http-port 18080 --json', does: 'one on another port, for a script' },
      { command: 'hawser doctor --url http://10.0.0.7:8080', does: 'one on another machine' },
      { command: 'hawser doctor --stop-check mysensor', does: 'also that a component obeys stop' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    refusePositionals(positionals)
    const doctor = await doctorOf(given, io)
    const color = wantsColor(io.stdout, io.env)
    const startedAtMs = io.clock.monotonicMs()
    const findings: Finding[] = []
    for await (const finding of runDoctor(doctor)) {
      findings.push(finding)
      if (!given.json) io.stdout.write(`${findingLine(finding, color)}\n`)
    }
    const tookMs = Math.round(io.clock.monotonicMs() - startedAtMs)
    const result = report(findings, doctor.console.url, tookMs)
    io.stdout.write(given.json ? `${JSON.stringify(result, undefined, 2)}\n` : `\n${summaryLine(result)}\n`)
    return result.ok ? exitCode.success : exitCode.failure
  },
}

async function doctorOf(given: FlagValues<typeof flags>, io: CommandIo): Promise<Parameters<typeof runDoctor>[0]> {
  const configuration = await loadConfiguration({
    file: given.config,
    env: io.env,
    flags: { dataDir: given['data-dir'], scale: given.scale, http: { port: given['http-port'] } },
  })
  const { listeners, http, scale } = configuration
  const { clock, random, signal, env } = io
  const url = consoleUrl(given, http)
  const token = await tokenFor(url, given['data-dir'] !== undefined, configuration)
  return {
    console: consolePort({ baseUrl: url, signal, ...(token === undefined ? {} : { token }) }),
    connect: connectMqtt,
    startComponent: (id, broker) => startSine(id, broker, env),
    clock,
    random,
    signal,
    timeout: milliseconds(secondsOf('--timeout', given.timeout ?? timeoutDefault) * 1000),
    mqttUrl: given['mqtt-url'] === undefined ? undefined : brokerUrl(given['mqtt-url']),
    defaultUrls: { tcp: `mqtt://${reachable(listeners.mqtt)}`, webSocket: `ws://${reachable(listeners.ws)}` },
    scale: scaleOf(scale),
    stopCheckId: stopCheckId(given['stop-check']),
  }
}

function consoleUrl(given: FlagValues<typeof flags>, http: Configuration['http']): string {
  if (given.url === undefined) return `http://${reachable(http)}`
  if (given['http-port'] !== undefined) {
    throw new HawserError('USAGE', '--url and --http-port are two names for one place', { mend: 'give one of them' })
  }
  const url = URL.parse(given.url)
  if (url !== null && /^https?:$/.test(url.protocol)) return url.origin
  throw new HawserError('USAGE', `--url ${given.url} is no address of a console`, {
    mend: 'write it as http://HOST:PORT',
  })
}

/** What listens everywhere is reached through loopback. */
function reachable({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** The token of this machine's data folder goes to this machine, elsewhere only if that folder was named. */
async function tokenFor(url: string, isNamed: boolean, { dataDir }: Configuration): Promise<string | undefined> {
  const isHere = /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname)
  if (!isHere && !isNamed) return undefined
  try {
    return (await readFile(tokenPath(resolve(dataDir)), 'utf8')).trim()
  } catch (cause) {
    // On loopback reading needs none.
    if (!isNamed) return undefined
    throw new HawserError('DATA_DIR_UNUSABLE', `no token can be read in ${dataDir}`, {
      cause,
      mend: 'give the data folder of the hawser up that is to be checked',
    })
  }
}

/** It becomes a level of a topic and part of a client id. */
function stopCheckId(id: string | undefined): string | undefined {
  if (id === undefined || /^[\w.-]{1,64}$/.test(id)) return id
  throw new HawserError('USAGE', `--stop-check ${id} is no id`, { mend: 'use letters, digits, dots and hyphens' })
}
