/** What the file says of a connector into InfluxDB. */
import type { ConfigurationReader } from './configuration.ts'
import type { ConfigurationSecret, ConfigurationTls } from './connection-configuration.ts'

export const influxNumbers = ['typed', 'float'] as const
export const influxTimeFormats = ['iso8601', 'unix-seconds', 'unix-milliseconds'] as const

export interface ConfigurationInflux extends ConfigurationReader {
  readonly kind: 'influx'
  readonly url: string
  /** Of InfluxDB 1 … */
  readonly database?: string | undefined
  readonly retentionPolicy?: string | undefined
  /** … or of 2 and 3. */
  readonly bucket?: string | undefined
  readonly organization?: string | undefined
  readonly token?: ConfigurationSecret | undefined
  readonly username?: string | undefined
  readonly password?: ConfigurationSecret | undefined
  readonly measurement: string
  readonly tags: readonly string[]
  readonly fields: readonly string[]
  readonly numbers: (typeof influxNumbers)[number]
  readonly time?: string | undefined
  readonly timeFormat: (typeof influxTimeFormats)[number]
  readonly gzip: boolean
  readonly requestMessagesMax: number
  readonly requestBytesMax: number
  readonly inFlightMax: number
  readonly requestMsMax: number
  readonly lingerMs: number
  readonly tls?: ConfigurationTls | undefined
}

export const influxDefaults = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of the connector
  measurement: '${topic}',
  tags: [],
  fields: ['*'],
  numbers: 'float',
  timeFormat: 'iso8601',
  gzip: true,
  requestMessagesMax: 5_000,
  requestBytesMax: 4 << 20,
  inFlightMax: 2,
  requestMsMax: 15_000,
  lingerMs: 100,
} as const satisfies Partial<ConfigurationInflux>
