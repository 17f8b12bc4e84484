/** `hawser connector test`: the rules of connectors tried with their samples, or with one message, without a broker. */
import { type Judgement, judgeSample, Rules, type SampleMessage, sampleFaults } from '@hawser/connect/rules'
import { HawserError } from '@hawser/std'
import { type CommandIo, exitCode } from '../command.ts'
import { type ConfigurationSink, isSink } from '../config/configuration.ts'
import { loadConfiguration } from '../config/load.ts'
import { readMessage } from './message-file.ts'
import { rulesFaults } from './rules-lint.ts'

export interface TestFlags {
  readonly config: string | undefined
  readonly topic: string | undefined
  readonly payload: string | undefined
  readonly message: string | undefined
}

/** Of one connector, or of all that have rules. */
export async function testRules(name: string | undefined, flags: TestFlags, io: CommandIo): Promise<number> {
  const { config } = flags
  const { connectors } = await loadConfiguration({ file: config, env: io.env })
  const ruled = connectors
    .filter(isSink)
    .filter((one) => one.rules.length > 0 && (name === undefined || one.name === name))
  if (ruled.length === 0) {
    const which = name === undefined ? 'no connector has rules' : `no connector ${name} has rules`
    throw new HawserError('USAGE', which, { mend: 'give --config FILE with a connector that has rules' })
  }
  const message = await messageOf(flags)
  const lines =
    message === undefined
      ? ruled.flatMap(trySamples)
      : ruled.map((one) => ({ isFault: false, text: tryOne(one, message) }))
  io.stdout.write(lines.map(({ text }) => `${text}\n`).join(''))
  return lines.some(({ isFault }) => isFault) ? exitCode.failure : exitCode.success
}

async function messageOf({ topic, payload, message: file }: TestFlags): Promise<SampleMessage | undefined> {
  if (file === undefined && topic === undefined && payload === undefined) return undefined
  if (file !== undefined && topic === undefined && payload === undefined) return readMessage(file)
  if (file === undefined && topic !== undefined && payload !== undefined) return { topic, payload }
  throw new HawserError('USAGE', 'one message is --topic and --payload, or --message', {
    mend: 'give both, or the file alone, or neither',
  })
}

interface Line {
  readonly isFault: boolean
  readonly text: string
}

function trySamples(connector: ConfigurationSink): readonly Line[] {
  const rules = new Rules(connector)
  const faults = rulesFaults(connector).map((text) => ({ isFault: true, text: `${connector.name}: ${text}` }))
  const tried = connector.samples.flatMap((sample, index) => {
    const which = `${connector.name}: sample ${index + 1} on ${sample.topic}`
    const wrong = sampleFaults(judgeSample(rules, sample), sample)
    return wrong.length === 0
      ? [{ isFault: false, text: `${which}: as expected` }]
      : wrong.map((text) => ({ isFault: true, text: `${which}: ${text}` }))
  })
  return [...faults, ...tried]
}

const tryOne = (connector: ConfigurationSink, message: SampleMessage): string =>
  `${connector.name}: ${outcomeText(judgeSample(new Rules(connector), message))}`

function outcomeText(judgement: Judgement): string {
  const { rule } = judgement
  switch (judgement.kind) {
    case 'dropped':
      return `${rule}: dropped`
    case 'failed':
      return `${rule}: failed: ${judgement.reason}`
    case 'passed': {
      const { route, payload } = judgement.message
      return `${rule}: passed${route === undefined ? '' : `, route ${route}`}: ${payload.toString()}`
    }
    default:
      throw judgement satisfies never
  }
}
