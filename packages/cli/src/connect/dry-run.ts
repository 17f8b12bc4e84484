/**
 * What a connector would write, printed: by a session of its own that ends with it, a log in memory, and the
 * connector's rules. Nothing is written, made or taken from anybody.
 */
import { type Connector, type MessageBatch, openLogEntrance, runConnector, runSource, type Sink } from '@hawser/connect'
import { aborted, keepProcessAlive } from '@hawser/std'
import type { CommandIo } from '../command.ts'
import { withRules } from '../composition/connectors.ts'
import { openEngine } from '../composition/engine.ts'
import { openMqtt } from '../composition/mqtt-sink.ts'
import { tellReadiness } from '../composition/readiness.ts'
import { written } from '../written.ts'
import { loggerOf } from './logger.ts'
import type { ConnectSettings } from './settings.ts'

export async function runDry({ configuration, source, connector }: ConnectSettings, io: CommandIo): Promise<void> {
  using _alive = keepProcessAlive()
  const { clock, random, signal } = io
  const logger = loggerOf(configuration, io)
  const context = { clock, random, logger }
  const inMemory = { ...configuration, log: { ...configuration.log, durability: 'memory' as const } }
  await using engine = await openEngine(inMemory, context, false)
  const { log } = engine
  using entrance = openLogEntrance(log, clock, source.name)
  const onNotice = (line: string): void => logger.warn(line)
  const printing = await withRules(printer(connector, io), connector, engine)
  await using _printing = runConnector({ log, connector: printing, clock, random, signal, onNotice })
  const passing = { ...source, sessionSeconds: 0, share: undefined, clientId: passingId(io) }
  const { sources = [], target } = await openMqtt(passing, { engine, context })
  await using stack = new AsyncDisposableStack()
  for (const one of sources) {
    const onChange = tellReadiness(logger, target)
    const { publish } = entrance
    stack.use(runSource({ log, publish, source: one, clock, random, signal, onNotice, onChange }))
  }
  await aborted(signal)
}

const passingId = ({ random }: CommandIo): string => `hawser-dry-${Buffer.from(random.bytes(6)).toString('hex')}`

function printer({ name, filters }: ConnectSettings['connector'], io: CommandIo): Connector {
  const sink: Sink = {
    checkpoint: undefined,
    async write({ messages }: MessageBatch) {
      for (const { topic, qos, retain, payload } of messages) {
        const line = Buffer.concat([
          Buffer.from(`${topic} ${qos}${retain ? ' retained' : ''} `),
          payload,
          Buffer.from('\n'),
        ])
        await written(line, io)
      }
      return { written: messages.length, duplicates: 0, deadLetters: 0 }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
  return { name, kind: 'dry-run', filters, begin: 'oldest', open: async () => sink }
}
