/** What the file says of a connector into InfluxDB. */
import type { NumberForm } from '@hawser/connect/influx/defaults'
import type { TimeFormat } from '@hawser/streams'
import type { ConfigurationReader } from './configuration.ts'
import type { ConfigurationSecret, ConfigurationTls } from './connection-configuration.ts'

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
  readonly numbers: NumberForm
  readonly time?: string | undefined
  readonly timeFormat: TimeFormat
  readonly gzip: boolean
  readonly requestMessagesMax: number
  readonly requestBytesMax: number
  readonly inFlightMax: number
  readonly requestMsMax: number
  readonly lingerMs: number
  readonly tls?: ConfigurationTls | undefined
}
