/** `hawser bench`: many clients in several processes against any MQTT broker, each message checked. */
import { HawserError, nearest } from '@hawser/std'
import { type BenchReport, runBench, type Scenario, scenarios } from '@hawser/verify/bench'
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { pubSubHelp } from '../pubsub/flags/help.ts'
import { readArguments } from '../pubsub/flags/read-arguments.ts'
import { ArgumentRefusal, RunRefusal } from '../pubsub/refusal.ts'
import { benchFlags } from './flags.ts'
import { planOf } from './plan.ts'
import { progressText, reportText } from './render.ts'
import { type BenchSettings, benchDefaults } from './settings.ts'

export const benchCommand: Command = {
  name: 'bench',
  summary: 'load any MQTT broker with many clients, and check what arrives',
  help: pubSubHelp({
    usage: `hawser bench ${scenarios.join('|')} [flags]`,
    about: `Loads a broker from several processes and prints rates, latencies and what went wrong; docs/bench.md has more.
  connections  open many, and hold them           subscribe  the same, each with a subscription
  publish      nobody subscribes                  pairs      each publisher has a subscriber of its own
  fan-in       all publishers to each subscriber  fan-out    the same, with few publishers and many subscribers
  shared       all publishers to one shared group
The exit code is 1 if messages were lost, out of order, delivered twice (QoS 0 and 2) or not answered, or if the broker
closed a connection; 8 if it cannot be reached or refuses a client; 2 for a mistake in the command.`,
    flags: benchFlags,
    examples: [
      { command: 'hawser bench pairs', does: 'QoS 0 as fast as it goes, at localhost:1883' },
      { command: 'hawser bench pairs -q 1 --rate 5000 --json', does: 'latency at a fixed rate, for a script' },
      { command: 'hawser bench fan-out -L mqtts://me:secret@broker:8883 --cafile ca.pem', does: 'over TLS' },
      {
        command: 'hawser bench connections --connections 10000',
        does: 'how fast they are taken, and whether they stay',
      },
    ],
  }),
  async run(args, io) {
    const settings = settingsOf(args)
    const report = await load(settings, io)
    io.stdout.write(settings.json ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report))
    return report.problems.length === 0 ? exitCode.success : exitCode.failure
  },
}

function settingsOf([scenario = '', ...flags]: readonly string[]): BenchSettings {
  const settings = benchDefaults(scenarioOf(scenario))
  try {
    readArguments(benchFlags, settings, flags)
  } catch (error) {
    throw asUsage(error)
  }
  return settings
}

function scenarioOf(name: string): Scenario {
  const scenario = scenarios.find((each) => each === name)
  if (scenario !== undefined) return scenario
  const near = nearest(name, scenarios)
  const what = name === '' || name.startsWith('-') ? 'no scenario is named' : `unknown scenario "${name}"`
  throw new HawserError('USAGE', what, {
    mend: near === undefined ? `choose one of ${scenarios.join(', ')}` : `did you mean "${near}"?`,
  })
}

async function load(settings: BenchSettings, io: CommandIo): Promise<BenchReport> {
  using progress = new ProgressLine(io)
  try {
    return await runBench(planOf(settings, io.random), { signal: io.signal, onProgress: progress.show })
  } catch (error) {
    throw asUsage(error)
  }
}

/** What mosquitto's flags complain of, as this command says it. */
function asUsage(error: unknown): unknown {
  if (!(error instanceof ArgumentRefusal || error instanceof RunRefusal)) return error
  return new HawserError('USAGE', error.message.replace(/^Error: /, ''), { cause: error, mend: 'see --help' })
}

/** One line that is written anew, where somebody looks at it. */
class ProgressLine implements Disposable {
  readonly #io: CommandIo
  readonly #startedAtMs: number

  constructor(io: CommandIo) {
    this.#io = io
    this.#startedAtMs = io.clock.monotonicMs()
  }

  readonly show = (progress: { published: number; delivered: number }): void => {
    const seconds = Math.round((this.#io.clock.monotonicMs() - this.#startedAtMs) / 1000)
    this.#write(progressText(seconds, progress))
  };

  [Symbol.dispose](): void {
    this.#write('')
  }

  #write(text: string): void {
    if (this.#io.stderr.isTTY === true) this.#io.stderr.write(`\r\x1b[K${text}`)
  }
}
