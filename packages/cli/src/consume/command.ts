/** `hawser consume`: prints what comes into a topic of Kafka. */
import { isUtf8 } from 'node:buffer'
import type { TailRecord } from '@hawser/connect/kafka'
import { HawserError } from '@hawser/std'
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { type FlagValues, helpText, parseFlags } from '../flags.ts'
import { kafkaBrokers } from '../kafka-flag.ts'
import { written } from '../written.ts'

const defaultBroker = '127.0.0.1:9092'
const starts = ['latest', 'earliest'] as const

const flags = {
  kafka: { kind: 'list', value: 'HOST:PORT', help: `any brokers of the cluster (${defaultBroker})` },
  from: { kind: 'text', choices: starts, help: 'where to begin (latest)' },
  count: { kind: 'integer', value: 'N', help: 'end after so many records' },
  partitions: { kind: 'integer', value: 'N', help: 'of the topic, where it is not there and is made (3)' },
  verbose: { kind: 'switch', short: 'v', help: 'partition, offset and key before each value' },
  json: { kind: 'switch', help: 'print each record as a line of JSON, headers too' },
} as const

type Given = FlagValues<typeof flags>

export const consumeCommand: Command = {
  name: 'consume',
  summary: 'print a topic of Kafka as it comes, from the latest offset',
  help: helpText({
    usage: 'hawser consume TOPIC [flags]',
    about:
      'Prints each record of a topic once, from the latest offset on, through restarts of Kafka. A topic that is not there is\nmade. It commits no offsets: a second one beside it, or later, sees what it sees itself.',
    flags,
    examples: [
      { command: 'hawser consume fms-data-stream', does: 'what vehicles say, as it comes' },
      { command: 'hawser consume telemetry --from earliest --count 10 -v', does: 'the first ten, with their keys' },
      { command: 'hawser consume telemetry --kafka 10.0.0.5:9092 --json', does: 'for other programs' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    const [topic, ...others] = positionals
    if (topic === undefined || others.length > 0) {
      throw new HawserError('USAGE', 'consume needs the name of one topic', { mend: 'see --help' })
    }
    if (given.partitions === 0) throw new HawserError('USAGE', '--partitions 0', { mend: 'give 1 or more' })
    return consume(topic, given, io)
  },
}

async function consume(topic: string, given: Given, io: CommandIo): Promise<number> {
  const { tailTopic } = await import('@hawser/connect/kafka')
  const kafka = kafkaBrokers(given.kafka) ?? [defaultBroker]
  const { from = 'latest', partitions = 3, count = Number.POSITIVE_INFINITY } = given
  const clientId = `hawser-consume-${Buffer.from(io.random.bytes(6)).toString('hex')}`
  const say = (line: string): void => void io.stderr.write(`consume: ${line}\n`)
  const records = tailTopic({
    connection: { brokers: kafka, clientId },
    topic,
    from: from === 'latest' ? 'latest' : 'earliest',
    partitions,
    clock: io.clock,
    random: io.random,
    signal: io.signal,
    onReady: () => say(`${topic} at ${kafka.join(',')}`),
    onOutage: (reason) => say(`${reason}; trying again`),
  })
  let printed = 0
  if (count === 0) return exitCode.success
  for await (const record of records) {
    await written(lineOf(topic, record, given), io)
    if (++printed >= count) break
  }
  return exitCode.success
}

function lineOf(topic: string, record: TailRecord, { json = false, verbose = false }: Given): Buffer {
  const { partition, offset, key, value, headers } = record
  if (json) {
    const text = JSON.stringify({
      ...{ topic, partition, offset: Number(offset), key: key === null ? null : String(key) },
      ...valueMember(value),
      headers: Object.fromEntries(headers),
    })
    return Buffer.from(`${text}\n`)
  }
  const head = verbose ? `${partition} ${offset} ${key ?? ''} ` : ''
  return Buffer.concat([Buffer.from(head), value ?? Buffer.alloc(0), Buffer.from('\n')])
}

function valueMember(value: Buffer | null): Readonly<Record<string, string | null>> {
  if (value === null) return { value: null }
  return isUtf8(value) ? { value: value.toString('utf8') } : { value_base64: value.toString('base64') }
}
