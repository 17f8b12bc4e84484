/** What the file says of a host of Sparkplug. */
import type { ConfigurationReader } from './configuration.ts'
import type { ConfigurationSecret, ConfigurationTls } from './connection-configuration.ts'

export interface ConfigurationSparkplug extends ConfigurationReader {
  readonly kind: 'sparkplug'
  readonly url: string
  readonly username?: string | undefined
  readonly password?: ConfigurationSecret | undefined
  readonly hostId?: string | undefined
  readonly topic: string
  readonly retain: boolean
  readonly rebirthSeconds: number
  readonly nodesMax: number
  readonly tls?: ConfigurationTls | undefined
}
