/** `hawser simulate`: devices, the parts around them, whole scenarios, and recordings, to any MQTT broker. */
import { deviceKinds, type ScenarioName, scenarioNames } from '@hawser/simulate'
import { HawserError, nearest } from '@hawser/std'
import type { Command, CommandIo } from '../command.ts'
import { helpText } from '../flags.ts'
import { processorCommand, subscriberCommand } from './component.ts'
import { clientFlags, deviceFlags } from './device-flags.ts'
import { deviceCommand } from './devices.ts'
import { replayCommand } from './replay.ts'
import { replayFlags } from './replay-flags.ts'
import { scenarioCommand } from './scenario.ts'

type Run = (args: readonly string[], io: CommandIo) => Promise<number>

const kinds = new Map<string, Run>([
  ...deviceKinds.map((kind): [string, Run] => [kind, (args, io) => deviceCommand(kind, args, io)]),
  ['processor', processorCommand],
  ['subscriber', subscriberCommand],
  ...scenarioNames.map((name: ScenarioName): [string, Run] => [name, (args, io) => scenarioCommand(name, args, io)]),
  ['replay', replayCommand],
])

export const simulateCommand: Command = {
  name: 'simulate',
  summary: 'publish as devices do, or replay a recording',
  help: helpText({
    usage: `hawser simulate KIND [flags]\n       hawser simulate replay FILE.csv --topic TOPIC [flags]`,
    about: `Publishes to any MQTT broker. KIND is one of
  ${deviceKinds.join(', ')}: devices
  processor: heat index and dew point from temperature and humidity
  subscriber: prints what comes by
  ${scenarioNames.join(', ')}: all of a scenario's parts in one process
  replay: a recording, row by row

Each ends on Ctrl-C, and on "stop" on its feedback topic feedback/ID. Where a flag is not given these variables are
read: MQTT_BROKER, MQTT_PUB_TOPIC, MQTT_SUB_TOPIC, MQTT_FEEDBACK_TOPIC, MQTT_CLIENT_ID.

Replay at QoS 2 publishes each row exactly once, in order, also when the broker is killed and comes back with its
sessions; with --resume also when the replay itself is killed and started again. At QoS 1 a row may be there twice.
The exit code is 0 only if every row was acknowledged.`,
    flags: { ...clientFlags, ...deviceFlags, ...replayFlags },
    examples: [
      {
        command: 'hawser simulate machine --machines 5 --interval 3 --dry-run',
        does: 'print what machines would send',
      },
      { command: 'hawser simulate sine --ids java1,java2,python1', does: 'three sensors under their names' },
      { command: 'hawser simulate vehicle --broker tcp://emqx:1883', does: 'to another broker' },
      { command: 'hawser simulate sensors --scale sine=3', does: 'a whole scenario' },
      {
        command: 'hawser simulate replay machine.csv --topic plant/1 --time-column timestamp --speed 100x --qos 2',
        does: 'a recording, a hundred times faster',
      },
    ],
  }),
  async run([kind, ...args], io) {
    const run = kind === undefined ? undefined : kinds.get(kind)
    if (run !== undefined) return run(args, io)
    const near = kind === undefined ? undefined : nearest(kind, kinds.keys())
    throw new HawserError('USAGE', kind === undefined ? 'simulate what?' : `"${kind}" cannot be simulated`, {
      mend: near === undefined ? `choose one of ${[...kinds.keys()].join(', ')}` : `did you mean "${near}"?`,
    })
  },
}
