/** What the connection to a cluster needs to know. */
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { SaslMechanism } from '../defaults.ts'

export interface KafkaConnection {
  /** `host:port`, any of the cluster. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly tls?: TlsOptions
  readonly sasl?: {
    readonly mechanism: SaslMechanism
    readonly username: string
    readonly password: string
  }
}

/**
 * The client's defaults would retry a send without end, and bring it again after we have given it up: so it retries a
 * little, for a leader that moves or a topic that is new, and the runner does the rest.
 */
export const clientBounds = {
  retries: 8,
  retryDelay: 100,
  connectTimeout: 3_000,
  requestTimeout: 8_000,
  timeout: 5_000,
} as const

let groups = 0

/** A group of its own for each reader: two in one would share its partitions, or wait for one that is dead. */
export const ownGroup = ({ clientId }: KafkaConnection, topic: string): string =>
  `${clientId}-${topic}-${process.pid}-${++groups}`

export const clientOptions = ({ brokers, clientId, tls, sasl }: KafkaConnection) => ({
  ...clientBounds,
  clientId,
  bootstrapBrokers: [...brokers],
  ...(tls === undefined ? {} : { tls }),
  ...(sasl === undefined ? {} : { sasl }),
})
