/** Sparkplug B as a reader of the log: what edge nodes publish, decoded and published again as JSON. */
import type { LogId, StateStore } from '@hawser/engine'
import { type Clock, HawserError } from '@hawser/std'
import type { Connector, Sink } from '../connector.ts'
import { openCursor } from '../cursor-store.ts'
import { KeptLetters } from '../kept-letters.ts'
import { sparkplugDefaults } from './defaults.ts'
import { EdgeNodes } from './edge-nodes.ts'
import { type HostOptions, openHost, type SparkplugHost } from './host.ts'
import { compileOutput, type OutputForm } from './output.ts'
import { RebirthPace } from './rebirth.ts'
import { type SparkplugLimits, SparkplugSink } from './sparkplug-sink.ts'

export interface SparkplugOptions extends SparkplugLimits {
  readonly name: string
  readonly filters: readonly string[]
  readonly begin: Connector['begin']
  /** Where cursor, births and dead letters are kept. */
  readonly state: StateStore
  readonly clock: Clock
  /** The broker that it publishes to, as its own client. */
  readonly broker: Pick<HostOptions, 'url' | 'username' | 'password' | 'tls'>
  readonly hostId?: string
  /** Template. */
  readonly topic: string
  readonly retain: boolean
  /** Before a node that has not answered is asked again. */
  readonly rebirthMs: number
  readonly openHost: (options: HostOptions) => Promise<SparkplugHost>
}

type Needed = 'state' | 'clock' | 'broker'
export type SparkplugConnectorOptions = Pick<SparkplugOptions, Needed> & Partial<Omit<SparkplugOptions, Needed>>

const { rebirthSeconds, ...shared } = sparkplugDefaults
const defaults = {
  ...{ name: 'sparkplug', begin: 'oldest', rebirthMs: rebirthSeconds * 1000, devicesMax: 1_000, metricsMax: 10_000 },
  ...shared,
} as const satisfies Partial<SparkplugOptions>

/** Throws `CONFIG_INVALID` where URL, host or template cannot be used. */
export function sparkplugConnector(given: SparkplugConnectorOptions): Connector {
  const options: SparkplugOptions = { ...defaults, openHost, ...given }
  const { name, filters, begin, hostId } = options
  const form = compileOutput(options.topic)
  if (hostId !== undefined && /[/+#]/.test(hostId)) {
    throw new HawserError('CONFIG_INVALID', `"${hostId}" cannot name a host`, { mend: 'it is one level of a topic' })
  }
  // It outlives a sink, so that one which is opened again and again does not ask each time.
  const pace = new RebirthPace(options.clock, options.rebirthMs)
  return {
    ...{ name, kind: 'sparkplug', filters, begin },
    limits: { batchMessagesMax: 500 },
    open: (logId) => openSparkplugSink(options, form, pace, logId),
  }
}

async function openSparkplugSink(
  options: SparkplugOptions,
  form: OutputForm,
  pace: RebirthPace,
  logId: LogId,
): Promise<Sink> {
  const { name, state, clock, broker, hostId, retain } = options
  const cursor = await openCursor(state, name, logId)
  const letters = await KeptLetters.open(state, name, logId)
  const nodes = await EdgeNodes.open(state, name)
  const host = await options.openHost({ ...broker, clientId: `hawser-${name}`, hostId, clock })
  const { nodesMax, devicesMax, metricsMax } = options
  const limits = { nodesMax, devicesMax, metricsMax }
  return new SparkplugSink({ logId, host, hostId, form, retain, cursor, letters, nodes, pace, limits, clock })
}
