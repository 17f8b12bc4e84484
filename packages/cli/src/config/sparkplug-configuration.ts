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

export const sparkplugDefaults = {
  filters: ['spBv1.0/#'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of the connector
  topic: 'sparkplug/${group}/${node}/${device}',
  retain: false,
  rebirthSeconds: 30,
  nodesMax: 10_000,
} as const satisfies Partial<ConfigurationSparkplug>
