/** Three nodes, each at its own port, so that a client is aimed at one. */
import assert from 'node:assert/strict'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { NodeHome } from './start-node.ts'

export const nodeCount = 3

export interface ThreeNodes extends AsyncDisposable {
  port(at: number): number
  /** Resolves once it is connected; it does not come back by itself. */
  connect(at: number, options?: IClientOptions): Promise<MqttClient>
  /** Of one that is about to connect. */
  connecting(at: number, options?: IClientOptions): MqttClient
}

/** The home is theirs from now on. */
export async function threeNodes(home: NodeHome): Promise<ThreeNodes> {
  await using stack = new AsyncDisposableStack()
  stack.use(home)
  const nodes = await Promise.all(Array.from({ length: nodeCount }, () => home.start()))
  for (const node of nodes) stack.use(node)
  const port = (at: number): number => (nodes[at % nodeCount] ?? assert.fail()).port
  const owned = stack.move()
  const connecting = (at: number, options: IClientOptions = {}): MqttClient => {
    const client = mqtt.connect(`mqtt://127.0.0.1:${port(at)}`, { reconnectPeriod: 0, ...options })
    owned.defer(() => client.endAsync(true))
    return client
  }
  return {
    port,
    connecting,
    async connect(at, options) {
      const client = connecting(at, options)
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => resolve())
        client.once('error', reject)
      })
      return client
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

export interface Receiving {
  readonly payloads: readonly string[]
  /** Resolves once what has come is enough. */
  until(enough: (payloads: readonly string[]) => boolean): Promise<void>
}

export function receiving(client: MqttClient): Receiving {
  const payloads: string[] = []
  client.on('message', (_topic, payload) => payloads.push(`${payload}`))
  return {
    payloads,
    async until(enough) {
      while (!enough(payloads)) await messageOf([client])
    },
  }
}

/** The next message of any of them. */
export const messageOf = (clients: readonly MqttClient[]): Promise<void> =>
  new Promise((resolve) => {
    for (const client of clients) client.once('message', () => resolve())
  })

/** How a client that is about to connect is answered: whether its session was there. */
export const connackOf = (client: MqttClient): Promise<{ readonly sessionPresent: boolean }> =>
  new Promise((resolve) => client.once('connect', resolve))
