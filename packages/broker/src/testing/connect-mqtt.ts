/** Independent clients for the doors: the npm client `mqtt` over whatever a listener speaks. */

import type { SecureContextOptions } from 'node:tls'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { Listener } from '../transport/transport.ts'

type ClientOptions = IClientOptions & SecureContextOptions

export interface ConnectedClient extends AsyncDisposable {
  readonly client: MqttClient
}

/** Rejects where the broker or the door does not let it in. */
export async function connectMqtt(listener: Listener, options: ClientOptions = {}): Promise<ConnectedClient> {
  const { protocol, port } = listener
  const url = `${protocol}://127.0.0.1:${port}`
  const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 60_000, ...options })
  client.on('error', () => undefined)
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('error', reject)
    client.once('close', () => reject(new Error('closed before CONNACK')))
  })
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.endAsync(true)
    },
  }
}

/** Publishes to itself: the way in and the way back are open. */
export async function echoes({ client }: ConnectedClient, topic = 'echo'): Promise<void> {
  await client.subscribeAsync(topic, { qos: 1 })
  const arrived = new Promise<string>((resolve) => client.once('message', (_topic, payload) => resolve(`${payload}`)))
  await client.publishAsync(topic, 'here', { qos: 1 })
  if ((await arrived) !== 'here') throw new Error('something else came back')
}

export function listenerOf(broker: { readonly listeners: readonly Listener[] }, name: string): Listener {
  const found = broker.listeners.find((listener) => listener.name === name)
  if (found === undefined) throw new Error(`no listener ${name}`)
  return found
}
