/** One connection of a node to the NATS servers, with what the client's defaults would do wrong set right. */
import { HawserError } from '@hawser/std'
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node'
import type { ConnectsAs } from './credentials.ts'

export interface NatsServers {
  /** `nats://host:port`, any of the cluster's: the client learns the others. */
  readonly urls: readonly string[]
  /** Of this node, as `nats server report connections` shows it. */
  readonly name: string
  readonly credentials?: ConnectsAs
}

const settings = {
  // The servers come back, however long they were away; what waits for them is bounded elsewhere.
  maxReconnectAttempts: -1,
  reconnectTimeWait: 200,
  reconnectJitter: 100,
  // A frozen server is left after three of these; with the default of two minutes only when it thaws. Sooner would take
  // a busy host for a frozen one, and whoever changes servers without need is missing for that while.
  pingInterval: 2000,
  maxPingOut: 2,
  timeout: 1500,
  noAsyncTraces: true,
} as const satisfies NodeConnectionOptions

/** Rejects with `ENGINE_UNREACHABLE` where no server answers or lets us in. */
export async function connectNats({ urls, name, credentials }: NatsServers): Promise<NatsConnection> {
  try {
    return await connect({ ...settings, ...credentials, name, servers: [...urls] })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new HawserError('ENGINE_UNREACHABLE', `no NATS server answers at ${urls.join(', ')}: ${why}`, {
      retryable: true,
      mend: 'start the servers, or correct the addresses and credentials of the engine',
      cause: error,
    })
  }
}
