/** A bridge to another broker, of MQTT 3.1.1 or 5.0: the log into it, its messages into the log, or both. */
import type { LogId, StateStore } from '@hawser/engine'
import { type Clock, HawserError } from '@hawser/std'
import type { Connector, Sink } from '../connector.ts'
import { openCursor } from '../cursor-store.ts'
import { KeptLetters } from '../kept-letters.ts'
import type { Source } from '../source/source.ts'
import { type MqttDirection, mqttDefaults } from './defaults.ts'
import type { ForwardForm } from './forward.ts'
import { Link } from './link.ts'
import { MqttSink } from './mqtt-sink.ts'
import { mqttSource } from './mqtt-source.ts'
import { openPeer } from './peer.ts'
import type { PeerOptions } from './peer-options.ts'
import { Suspect } from './suspect.ts'

type Peer = Pick<PeerOptions, 'url' | 'clientId' | 'username' | 'password' | 'tls' | 'version'>

export interface MqttConnectorOptions {
  readonly name?: string
  /** Of topics as they are named here. */
  readonly filters: readonly string[]
  readonly begin?: Connector['begin']
  /** Where cursor, dead letters and what is known of the session there are kept. */
  readonly state: StateStore
  readonly clock: Clock
  readonly peer: Pick<Peer, 'url'> & Partial<Peer>
  /** Comes off each topic that goes out, and goes on what comes in. */
  readonly localPrefix?: string
  /** Goes on in its stead. */
  readonly remotePrefix?: string
  /** A message goes at its own QoS, and at this at most. */
  readonly qos?: 0 | 1 | 2
  /** False: nothing that goes by it is retained. */
  readonly retain?: boolean
  /** Publishes that wait for their answer; as many of them at most as the other broker takes. */
  readonly inFlightMax?: number
  readonly hopsMax?: number
  /** What the other broker is called in origins, the same by all that have a bridge to it. */
  readonly peerName?: string
  /** Of links between several brokers of which each message goes by one only. */
  readonly mesh?: string
}

export interface MqttBridgeOptions extends MqttConnectorOptions {
  readonly direction?: MqttDirection
  /** How long the session there outlives a connection. */
  readonly sessionSeconds?: number
  /** In 3.1.1: the other broker is told that a bridge comes, and leaves out what has come by it. */
  readonly bridgeBit?: boolean
  /** Several that bring messages in share them under this name. */
  readonly share?: string
}

export interface MqttBridge {
  readonly connectors: readonly Connector[]
  readonly sources: readonly Source[]
}

/** Only out. Throws as `mqttBridge`. */
export const mqttConnector = (given: MqttConnectorOptions): Connector =>
  outgoing(settled(given), linkOf(settled(given)))

/** Throws `CONFIG_INVALID` where prefixes or filters cannot be used. */
export function mqttBridge(given: MqttBridgeOptions): MqttBridge {
  const options = settled(given)
  const { direction } = options
  const link = linkOf(options)
  return {
    connectors: direction === 'in' ? [] : [outgoing(options, link)],
    sources: direction === 'out' ? [] : [incoming(options, link)],
  }
}

type Settled = ReturnType<typeof settled>

function settled(given: MqttBridgeOptions) {
  const options = { name: 'mqtt', begin: 'oldest', ...mqttDefaults, ...given } as const
  for (const prefix of [options.localPrefix, options.remotePrefix]) {
    if (!/[+#\0]/.test(prefix)) continue
    throw new HawserError('CONFIG_INVALID', `"${prefix}" cannot begin a topic`, { mend: 'leave out + and #' })
  }
  const { name, version, peerName: peer, mesh, localPrefix, remotePrefix } = options
  return {
    ...options,
    peer: { version, ...options.peer },
    names: { link: name, peer, mesh },
    prefixes: { local: localPrefix, remote: remotePrefix },
  }
}

function linkOf({ name, peer, clock, inFlightMax, bridgeBit, direction, sessionSeconds }: Settled): Link {
  return new Link(name, {
    ...{ ...peer, clock, inFlightMax, bridgeBit },
    sends: direction !== 'in',
    sessionSeconds: direction === 'out' ? undefined : sessionSeconds,
  })
}

function outgoing(options: Settled, link: Link): Connector {
  const { name, filters, begin, names, prefixes, peer, qos, retain, hopsMax, state, clock } = options
  const form: ForwardForm = {
    ...{ names, prefixes, qosMax: qos, retain, hopsMax },
    properties: peer.version === '5.0',
  }
  // It outlives a sink: the same message may end one after another.
  const suspect = new Suspect()
  return {
    ...{ name, kind: 'mqtt', filters, begin },
    open: (logId, signal) => openMqttSink({ name, state, link, form, suspect, clock }, logId, signal),
  }
}

function incoming(options: Settled, link: Link): Source {
  const { name, direction, filters, names, prefixes, peer, qos, retain, hopsMax, inFlightMax, state, clock } = options
  return mqttSource({
    // Its other half has the name already.
    name: direction === 'both' ? `${name}-in` : name,
    ...{ link, names, state, clock, filters, qos, inFlightMax, version: peer.version },
    form: { prefixes, retain, hopsMax },
    share: options.share,
  })
}

interface Opening {
  readonly name: string
  readonly state: StateStore
  readonly link: Link
  readonly form: ForwardForm
  readonly suspect: Suspect
  readonly clock: Clock
}

async function openMqttSink(
  { name, state, link, form, suspect, clock }: Opening,
  logId: LogId,
  signal: AbortSignal,
): Promise<Sink> {
  const cursor = await openCursor(state, name, logId)
  const letters = await KeptLetters.open(state, name, logId)
  return new MqttSink({ logId, form, suspect, clock, cursor, letters, peer: await openPeer(link, logId, signal) })
}
