/** The log into another broker, of MQTT 3.1.1 or 5.0: the outgoing half of a bridge. */
import type { LogId, StateStore } from '@hawser/engine'
import { type Clock, HawserError } from '@hawser/std'
import type { Connector, Sink } from '../connector.ts'
import { openCursor } from '../cursor-store.ts'
import { KeptLetters } from '../kept-letters.ts'
import { mqttDefaults } from './defaults.ts'
import type { ForwardForm } from './forward.ts'
import { MqttSink } from './mqtt-sink.ts'
import { openPeer, type PeerOptions } from './peer.ts'
import { Suspect } from './suspect.ts'

type Peer = Omit<PeerOptions, 'inFlightMax' | 'clock'>

export interface MqttConnectorOptions {
  readonly name?: string
  readonly filters: readonly string[]
  readonly begin?: Connector['begin']
  /** Where cursor and dead letters are kept. */
  readonly state: StateStore
  readonly clock: Clock
  readonly peer: Omit<Peer, 'clientId' | 'version'> & Partial<Peer>
  /** Comes off each topic. */
  readonly localPrefix?: string
  /** Goes on in its stead. */
  readonly remotePrefix?: string
  /** A message goes at its own QoS, and at this at most. */
  readonly qos?: 0 | 1 | 2
  /** False: nothing is retained there. */
  readonly retain?: boolean
  /** Publishes that wait for their answer; as many of them at most as the other broker takes. */
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
  const { version, inFlightMax, clock } = options
  const peer: PeerOptions = { clientId: `hawser-${name}`, version, inFlightMax, clock, ...options.peer }
  const form: ForwardForm = {
    link: name,
    prefixes: { local: localPrefix, remote: remotePrefix },
    qosMax: options.qos,
    retain: options.retain,
    properties: peer.version === '5.0',
    hopsMax: options.hopsMax,
  }
  const { state } = options
  // It outlives a sink: the same message may end one after another.
  const suspect = new Suspect()
  return {
    ...{ name, kind: 'mqtt', filters, begin },
    open: (logId, signal) => openMqttSink({ name, state, peer, form, suspect }, logId, signal),
  }
}

interface Opening {
  readonly name: string
  readonly state: StateStore
  readonly peer: PeerOptions
  readonly form: ForwardForm
  readonly suspect: Suspect
}

async function openMqttSink(
  { name, state, peer, form, suspect }: Opening,
  logId: LogId,
  signal: AbortSignal,
): Promise<Sink> {
  const cursor = await openCursor(state, name, logId)
  const letters = await KeptLetters.open(state, name, logId)
  return new MqttSink({ logId, form, suspect, cursor, letters, peer: await openPeer(peer, signal) })
}
