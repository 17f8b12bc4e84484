/** `hawser simulate sine|temperature|humidity|machine|vehicle` */
import { type DeviceKind, deviceIds, devicePart } from '@hawser/simulate'
import { HawserError } from '@hawser/std'
import type { CommandIo } from '../command.ts'
import { type FlagValues, parseFlags, refusePositionals } from '../flags.ts'
import { clientFlags, clientIdPattern, connectionOf, deviceFlags, given, qosOf, secondsOf } from './device-flags.ts'
import { type MachineConfiguration, readMachineConfiguration } from './machine-configuration.ts'
import { runParts } from './run-parts.ts'

const flags = { ...clientFlags, ...deviceFlags } as const
type Flags = FlagValues<typeof flags>

export async function deviceCommand(kind: DeviceKind, args: readonly string[], io: CommandIo): Promise<number> {
  const { flags: values, positionals } = parseFlags(flags, args)
  refusePositionals(positionals)
  if (kind !== 'machine') refuseMachineFlags(kind, values)
  const file = values.config === undefined ? {} : await readMachineConfiguration(values.config)
  const count = deviceCount(kind, values) ?? file.count
  const ids = values.ids ?? (count === undefined ? undefined : deviceIds(kind, count))
  const part = devicePart(
    kind,
    given({
      ids,
      topic: values.topic ?? io.env['MQTT_PUB_TOPIC'],
      intervalSeconds: intervalOf(values, file),
      qos: qosOf(values.qos),
      retain: values.retain,
      count: values.count,
      feedbackTopic: values['feedback-topic'] ?? io.env['MQTT_FEEDBACK_TOPIC'],
      machine: file.machine,
    }),
  )
  const clientId = clientIdPattern(values, io.env, part.options.ids.length)
  const parts = [{ ...part, options: { ...part.options, ...given({ clientId }) } }]
  return runParts(parts, { ...connectionOf(values, io.env), seed: values.seed, dryRun: values['dry-run'] }, io)
}

function refuseMachineFlags(kind: DeviceKind, values: Flags): void {
  for (const flag of ['machines', 'config'] as const) {
    if (values[flag] === undefined) continue
    throw new HawserError('USAGE', `--${flag} is for machines`, { mend: `leave it out with ${kind}` })
  }
}

const intervalOf = (values: Flags, file: MachineConfiguration): number | undefined =>
  values.interval === undefined ? file.intervalSeconds : secondsOf('--interval', values.interval)

function deviceCount(kind: DeviceKind, { machines, scale }: Flags): number | undefined {
  if (scale === undefined) return machines
  const text = scale[0]?.replace(`${kind}=`, '') ?? ''
  if (scale.length === 1 && /^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new HawserError('USAGE', `--scale ${scale.join()} is no number of devices`, { mend: 'give one, such as 3' })
}
