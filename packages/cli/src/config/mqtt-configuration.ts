/** What the file says of a bridge to another broker. */
import type { MqttDirection, MqttVersion } from '@hawser/connect/mqtt/defaults'
import type { ConfigurationReader } from './configuration.ts'
import type { ConfigurationSecret, ConfigurationTls } from './connection-configuration.ts'

export interface ConfigurationMqtt extends ConfigurationReader {
  readonly kind: 'mqtt'
  readonly url: string
  readonly version: MqttVersion
  readonly direction: MqttDirection
  readonly clientId?: string | undefined
  readonly username?: string | undefined
  readonly password?: ConfigurationSecret | undefined
  readonly localPrefix: string
  readonly remotePrefix: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly inFlightMax: number
  readonly hopsMax: number
  readonly peer?: string | undefined
  readonly mesh?: string | undefined
  readonly share?: string | undefined
  readonly sessionSeconds: number
  readonly bridgeBit: boolean
  readonly tls?: ConfigurationTls | undefined
}
