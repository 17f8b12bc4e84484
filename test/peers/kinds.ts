/** The clients of others that Hawser is held against, how each is started, and what it cannot do. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { PeerCommand, Transport } from './peer.ts'

export interface PeerKind {
  readonly name: string
  readonly command: PeerCommand
  readonly transports: readonly Transport[]
  /** False, or why it cannot be run here and how to get it. */
  readonly skip: string | false
  /** Scenarios that the library cannot play, each with the reason. */
  readonly waived: Readonly<Record<string, string>>
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const built = here('../../.cache/peers/')
const python = process.env['HAWSER_PYTHON'] ?? 'python3'
const hasPaho = spawnSync(python, ['-c', 'import paho.mqtt.enums']).status === 0
const unbuilt = (path: string): string | false =>
  existsSync(`${built}${path}`) ? false : 'not built: run .ci/peers (needs Go, Rust and Java with Maven)'

export const peerKinds: readonly PeerKind[] = [
  {
    name: 'mqtt (npm)',
    command: { program: process.execPath, args: [here('clients/mqtt-js/client.mjs')] },
    transports: ['tcp', 'tls', 'ws'],
    skip: false,
    waived: {},
  },
  {
    name: 'paho-mqtt (Python)',
    command: { program: python, args: [here('clients/paho-python/client.py')] },
    transports: ['tcp', 'tls', 'ws'],
    skip: hasPaho
      ? false
      : 'paho-mqtt 2 is not installed: pip install paho-mqtt, and HAWSER_PYTHON where it is in a venv',
    waived: {},
  },
  {
    name: 'paho (Go)',
    command: { program: `${built}paho-go`, args: [] },
    transports: ['tcp', 'tls', 'ws'],
    skip: unbuilt('paho-go'),
    waived: {},
  },
  {
    name: 'rumqttc (Rust)',
    command: { program: `${built}rumqttc`, args: [] },
    transports: ['tcp', 'tls', 'ws'],
    skip: unbuilt('rumqttc'),
    waived: {},
  },
  {
    name: 'HiveMQ client (Java)',
    command: { program: 'java', args: ['-cp', `${built}hivemq:${built}hivemq/lib/*`, 'Peer'] },
    transports: ['tcp', 'tls', 'ws'],
    skip: unbuilt('hivemq/Peer.class'),
    waived: {},
  },
]
