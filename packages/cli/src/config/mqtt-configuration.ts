/** What the file says of another broker that the log goes to. */
import type { ConfigurationReader } from './configuration.ts'
import type { ConfigurationSecret, ConfigurationTls } from './connection-configuration.ts'

export const mqttVersions = ['5.0', '3.1.1'] as const

export interface ConfigurationMqtt extends ConfigurationReader {
  readonly kind: 'mqtt'
  readonly url: string
  readonly version: (typeof mqttVersions)[number]
  readonly clientId?: string | undefined
  readonly username?: string | undefined
  readonly password?: ConfigurationSecret | undefined
  readonly localPrefix: string
  readonly remotePrefix: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly inFlightMax: number
  readonly hopsMax: number
  readonly tls?: ConfigurationTls | undefined
}

export const mqttDefaults = {
  version: '5.0',
  localPrefix: '',
  remotePrefix: '',
  qos: 2,
  retain: true,
  inFlightMax: 100,
  hopsMax: 16,
} as const satisfies Partial<ConfigurationMqtt>
