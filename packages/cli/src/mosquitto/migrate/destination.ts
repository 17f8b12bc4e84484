/** Where retained messages go: the data folder of the new configuration, or a Hawser that is running. */
import { allowAll, type LocalPublish } from '@hawser/broker'
import { HawserError } from '@hawser/std'
import type { CommandIo } from '../../command.ts'
import { openBroker } from '../../composition/broker.ts'
import { openEngine } from '../../composition/engine.ts'
import type { Configuration } from '../../config/configuration.ts'
import { Logger } from '../../logging/logger.ts'
import { terminalSink } from '../../logging/terminal.ts'
import { connectTo, type RetainedMessage, type RetainedSource } from './retained.ts'

export interface Destination extends AsyncDisposable {
  /** Resolves once it is durable there. */
  keep(message: RetainedMessage): Promise<void>
  /** How many were not kept because of a bound. */
  lost(): number
}

/** Opens the folder as the broker does, with all its doors shut. */
export async function dataFolder(configuration: Configuration, io: CommandIo): Promise<Destination> {
  const logger = new Logger('migrate', io.clock, terminalSink(io.stderr, configuration.logging.format, false))
  const context = { clock: io.clock, random: io.random, logger }
  const rules = { access: allowAll, recordFilters: [], sharedPorts: false }
  await using stack = new AsyncDisposableStack()
  const engine = stack.use(await openEngine(configuration, context, false))
  const broker = stack.use(await openBroker(withoutDoors(configuration), engine, context, rules))
  const owned = stack.move()
  return {
    async keep(message) {
      if (await broker.publish(localPublish(message))) return
      throw new HawserError('LOG_FAILED', `${message.topic} was not taken`, { mend: 'look at the disk; start again' })
    },
    lost: () => broker.stats().counters.dropped['retained-limit'],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const withoutDoors = (configuration: Configuration): Configuration => {
  const { mqtt, ws } = configuration.listeners
  return { ...configuration, listeners: { mqtt: { ...mqtt, enabled: false }, ws: { ...ws, enabled: false } } }
}

function localPublish({ topic, payload, qos, properties }: RetainedMessage): LocalPublish {
  const { userProperties, subscriptionIdentifier: _, topicAlias: __, payloadFormatIndicator, ...others } = properties
  return {
    topic,
    payload,
    qos,
    retain: true,
    properties: {
      ...others,
      ...(payloadFormatIndicator === undefined ? {} : { payloadFormatIndicator: payloadFormatIndicator ? 1 : 0 }),
      ...(userProperties === undefined ? {} : { userProperties: pairsOf(userProperties) }),
    },
  }
}

const pairsOf = (properties: Readonly<Record<string, string | readonly string[]>>): (readonly [string, string])[] =>
  Object.entries(properties).flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)] as const))

export async function runningHawser(to: RetainedSource): Promise<Destination> {
  const client = await connectTo(to)
  return {
    async keep({ topic, payload, qos, properties }) {
      const { subscriptionIdentifier: _, topicAlias: __, ...kept } = properties
      await client.publishAsync(topic, payload, { qos, retain: true, properties: kept })
    },
    // Who refuses one says so at once.
    lost: () => 0,
    [Symbol.asyncDispose]: () => client.endAsync(),
  }
}
