/** What the file says of an engine on servers of its own. */
import type { ConfigurationSecret, ConfigurationTls } from './connection-configuration.ts'

export interface ConfigurationEngine {
  /** Of NATS with JetStream, any of a cluster; none: log and state are on this host. */
  readonly servers: readonly string[]
  /** Where the servers tell of themselves: `http://host:8222`. */
  readonly monitors: readonly string[]
  /** Of all streams and subjects: several Hawsers may share the servers. */
  readonly prefix: string
  /** Servers that have each record. */
  readonly replicas: number
  readonly username?: string | undefined
  readonly password?: ConfigurationSecret | undefined
  readonly token?: ConfigurationSecret | undefined
  /** Seed of an NKey. */
  readonly nkey?: ConfigurationSecret | undefined
  /** JWT and NKey, as `nsc` writes them. */
  readonly credentialsFile?: string | undefined
  readonly tls?: ConfigurationTls | undefined
}

export const defaultEngine: ConfigurationEngine = { servers: [], monitors: [], prefix: 'hawser', replicas: 3 }
