/** Flags of everything that talks to a broker, of devices, and the environment that stands in for them. */
import { brokerUrl, type Qos } from '@hawser/simulate'
import { HawserError } from '@hawser/std'
import type { CommandIo } from '../command.ts'
import type { FlagValues } from '../flags.ts'

export const clientFlags = {
  broker: { kind: 'text', value: 'URL', help: 'mqtt://, mqtts://, ws:// or wss:// (mqtt://127.0.0.1:1883)' },
  topic: { kind: 'text', value: 'TOPIC', help: 'where to publish; {id} stands for the id of a device' },
  qos: { kind: 'text', choices: ['0', '1', '2'], help: 'quality of service' },
  retain: { kind: 'switch', help: 'let the broker keep the last message' },
  'client-id': { kind: 'text', value: 'ID', help: 'MQTT client id; {id} stands for the id of a device' },
  protocol: { kind: 'text', choices: ['3.1.1', '5'], help: 'version of MQTT (5)' },
} as const

export const deviceFlags = {
  'feedback-topic': { kind: 'text', value: 'TOPIC', help: 'obey "stop" there instead of on feedback/ID' },
  'sub-topic': { kind: 'list', value: 'FILTERS', help: 'what processor and subscriber subscribe to' },
  ids: { kind: 'list', value: 'A,B', help: 'names of the devices' },
  scale: { kind: 'list', value: 'N', help: 'how many devices; of a scenario: sine=3,machine=10' },
  machines: { kind: 'integer', value: 'N', help: 'how many machines (5)' },
  interval: { kind: 'text', value: 'S', help: 'seconds between two readings' },
  count: { kind: 'integer', value: 'N', help: 'end after so many readings of each device' },
  seed: { kind: 'integer', value: 'N', help: 'the same readings for the same seed' },
  'dry-run': { kind: 'switch', help: 'print what would be published' },
  config: { kind: 'text', value: 'FILE', help: 'settings of machines: machine_count, interval_seconds, …' },
} as const

export type ClientFlagValues = FlagValues<typeof clientFlags>
type Env = CommandIo['env']

const brokerDefault = 'mqtt://127.0.0.1:1883'

export function connectionOf(
  flags: Pick<ClientFlagValues, 'broker' | 'protocol'>,
  env: Env,
): { url: string; protocolVersion: 4 | 5 } {
  return {
    url: brokerUrl(flags.broker ?? env['MQTT_BROKER'] ?? brokerDefault),
    protocolVersion: flags.protocol === '3.1.1' ? 4 : 5,
  }
}

export const qosOf = (text: string | undefined): Qos | undefined =>
  text === undefined ? undefined : (Number(text) as Qos)

/** A client id given for several devices is told apart by their ids. */
export function clientIdPattern(flags: ClientFlagValues, env: Env, devices: number): string | undefined {
  const given = flags['client-id'] ?? env['MQTT_CLIENT_ID']
  return given === undefined || devices === 1 || given.includes('{id}') ? given : `${given}-{id}`
}

/** A number of seconds, such as 0.5. */
export function secondsOf(flag: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= secondsMax) return value
  throw new HawserError('USAGE', `${flag} ${text} is no time`, {
    mend: `give seconds up to ${secondsMax}, such as 0.5`,
  })
}

const secondsMax = 86_400

/** Leaves out what was not given, so that defaults under it show. */
export function given<Options extends object>(
  options: Options,
): {
  [Key in keyof Options]?: Exclude<Options[Key], undefined>
} {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as ReturnType<typeof given<Options>>
}
