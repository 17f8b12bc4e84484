/** What the configuration says of a connector, as connectors over an opened sink, and as sources. */
import { resolve } from 'node:path'
import type { Connector, Source } from '@hawser/connect'
import type { Database } from '@hawser/connect/postgres'
import { milliseconds } from '@hawser/std'
import type { Specification } from '@hawser/streams'
import type { Configuration, ConfigurationConnector, ConfigurationFile } from '../config/configuration.ts'
import type { Engine, EngineContext } from './engine.ts'
import { openInflux, openWebhook } from './http-sinks.ts'
import { openKafka, openKafkaSource } from './kafka.ts'
import { openMqtt } from './mqtt-sink.ts'
import { openPostgres } from './postgres-sink.ts'
import { openSparkplug } from './sparkplug-sink.ts'

export interface OpenedSink {
  /** None of one that only brings messages in. */
  readonly connectors: readonly Connector[]
  /** What comes into the log from there. */
  readonly sources?: readonly Source[]
  readonly target: string
  readonly database?: Database
}

export interface SinkContext {
  readonly configuration: Configuration
  readonly engine: Engine
  readonly context: EngineContext
  readonly specifications: readonly Specification[]
  /** What is to be closed with the connectors. */
  readonly stack: AsyncDisposableStack
}

export function openSink(options: ConfigurationConnector, context: SinkContext): Promise<OpenedSink> {
  switch (options.kind) {
    case 'file':
      return openFile(options, context)
    case 'postgres':
      return openPostgres(options, context)
    case 'kafka':
      return openKafka(options, context)
    case 'kafka-source':
      return openKafkaSource(options, context)
    case 'webhook':
      return openWebhook(options, context)
    case 'influx':
      return openInflux(options, context)
    case 'sparkplug':
      return openSparkplug(options, context)
    case 'mqtt':
      return openMqtt(options, context)
    default:
      throw options satisfies never
  }
}

async function openFile(options: ConfigurationFile, { configuration, context }: SinkContext): Promise<OpenedSink> {
  const { fileConnector } = await import('@hawser/connect/file')
  const folder = resolve(configuration.dataDir, options.folder)
  const connector = fileConnector({
    name: options.name,
    folder,
    filters: options.filters,
    begin: options.begin,
    clock: context.clock,
    limits: {
      fileBytesMax: options.fileBytesMax,
      fileAgeMsMax: milliseconds(options.fileSecondsMax * 1000),
      filesMax: options.filesMax,
    },
    onTidyError: (error) => context.logger.warn(`connector ${options.name}: ${String(error)}`),
  })
  return { connectors: [connector], target: folder }
}
