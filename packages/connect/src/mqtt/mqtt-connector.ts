/** The log into another broker, of MQTT 3.1.1 or 5.0: the outgoing half of a bridge. */
import type { LogId, StateStore } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import type { Connector, Sink } from '../connector.ts'
import { openCursor } from '../cursor-store.ts'
import { KeptLetters } from '../kept-letters.ts'
import { mqttDefaults } from './defaults.ts'
import type { ForwardForm } from './forward.ts'
import { MqttSink } from './mqtt-sink.ts'
import { openPeer, type PeerOptions } from './peer.ts'

export interface MqttConnectorOptions {
  readonly name?: string
  readonly filters: readonly string[]
  readonly begin?: Connector['begin']
  /** Where cursor and dead letters are kept. */
  readonly state: StateStore
  readonly peer: Omit<PeerOptions, 'clientId' | 'version'> & Partial<Pick<PeerOptions, 'clientId' | 'version'>>
  /** Comes off each topic. */
  readonly localPrefix?: string
  /** Goes on in its stead. */
  readonly remotePrefix?: string
  /** A message goes at its own QoS, and at this at most. */
  readonly qos?: 0 | 1 | 2
  /** False: nothing is retained there. */
  readonly retain?: boolean
  readonly inFlightMax?: number
  readonly hopsMax?: number
}

/** Throws `CONFIG_INVALID` where a prefix cannot be used. */
export function mqttConnector(given: MqttConnectorOptions): Connector {
  const options = { name: 'mqtt', begin: 'oldest', ...mqttDefaults, ...given } as const
  const { name, filters, begin, localPrefix, remotePrefix } = options
  for (const prefix of [localPrefix, remotePrefix]) {
    if (!/[+#\0]/.test(prefix)) continue
    throw new HawserError('CONFIG_INVALID', `"${prefix}" cannot begin a topic`, { mend: 'leave out + and #' })
  }
  const peer: PeerOptions = { clientId: `hawser-${name}`, version: options.version, ...options.peer }
  const form: ForwardForm = {
    link: name,
    prefixes: { local: localPrefix, remote: remotePrefix },
    qosMax: options.qos,
    retain: options.retain,
    properties: peer.version === '5.0',
    hopsMax: options.hopsMax,
  }
  const { state, inFlightMax } = options
  return {
    ...{ name, kind: 'mqtt', filters, begin },
    limits: { batchMessagesMax: 1_000 },
    open: (logId, signal) => openMqttSink({ name, state, peer, form, inFlightMax }, logId, signal),
  }
}

interface Opening {
  readonly name: string
  readonly state: StateStore
  readonly peer: PeerOptions
  readonly form: ForwardForm
  readonly inFlightMax: number
}

async function openMqttSink(
  { name, state, peer, form, inFlightMax }: Opening,
  logId: LogId,
  signal: AbortSignal,
): Promise<Sink> {
  const cursor = await openCursor(state, name, logId)
  const letters = await KeptLetters.open(state, name, logId)
  return new MqttSink({ logId, form, inFlightMax, cursor, letters, peer: await openPeer(peer, signal) })
}
