/** Every message that matches as a point in InfluxDB, or in what takes its line protocol over HTTP. */
import { gzipSync } from 'node:zlib'
import type { StateStore } from '@hawser/engine'
import { type Clock, milliseconds } from '@hawser/std'
import type { Connector } from '../connector.ts'
import { type HttpTarget, httpUrl } from '../http/client.ts'
import { httpConnector } from '../http/http-connector.ts'
import type { HttpForm } from '../http/http-sink.ts'
import { influxDefaults } from './defaults.ts'
import { compilePoint, type PointForm, type PointOptions, pointLine } from './point.ts'

/** Of InfluxDB 1, or of 2 and 3. */
export type InfluxPlace =
  | { readonly api: 'v1'; readonly database: string; readonly retentionPolicy?: string }
  | { readonly api: 'v2'; readonly bucket: string; readonly organization?: string }

export type InfluxLogin =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'user'; readonly username: string; readonly password: string }

export interface InfluxOptions extends PointOptions {
  readonly name: string
  readonly filters: readonly string[]
  readonly begin: Connector['begin']
  readonly state: StateStore
  readonly clock: Clock
  /** Of the server, without the path of its API. */
  readonly url: string
  readonly place: InfluxPlace
  readonly login?: InfluxLogin
  readonly gzip: boolean
  readonly requestMessagesMax: number
  readonly requestBytesMax: number
  readonly inFlightMax: number
  readonly requestMsMax: number
  readonly lingerMs: number
  readonly tls?: NonNullable<HttpTarget['tls']>
}

type Needed = 'filters' | 'state' | 'clock' | 'url' | 'place'
export type InfluxConnectorOptions = Pick<InfluxOptions, Needed> & Partial<Omit<InfluxOptions, Needed>>

/** Throws `CONFIG_INVALID` where URL or templates cannot be used. */
export function influxConnector(given: InfluxConnectorOptions): Connector {
  const options: InfluxOptions = { name: 'influx', begin: 'oldest', ...influxDefaults, ...given }
  const { name, filters, begin, state, clock, tls, lingerMs, requestMsMax } = options
  const { requestMessagesMax, requestBytesMax, inFlightMax } = options
  const url = writeUrl(options.url, options.place)
  return httpConnector({
    ...{ name, kind: 'influx', filters, begin, state, clock },
    target: { url, requestMsMax: milliseconds(requestMsMax), ...(tls === undefined ? {} : { tls }) },
    form: formOf(options, compilePoint(options)),
    bounds: { requestMessagesMax, requestBytesMax, inFlightMax },
    limits: {
      batchMessagesMax: requestMessagesMax * inFlightMax,
      batchBytesMax: requestBytesMax,
      lingerMs: milliseconds(lingerMs),
    },
  })
}

function formOf({ login, gzip }: InfluxOptions, point: PointForm): HttpForm {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    ...(login === undefined ? {} : { authorization: authorizationOf(login) }),
    ...(gzip ? { 'content-encoding': 'gzip' } : {}),
  }
  return {
    part: (logId, message) => {
      const outcome = pointLine(point, logId, message)
      return 'reason' in outcome ? { message, ...outcome } : { message, body: Buffer.from(`${outcome.line}\n`) }
    },
    request: (_, parts) => {
      const lines = Buffer.concat(parts.map(({ body }) => body))
      return { headers, body: gzip ? gzipSync(lines, { level: 1 }) : lines }
    },
  }
}

function authorizationOf(login: InfluxLogin): string {
  switch (login.kind) {
    case 'token':
      return `Token ${login.token}`
    case 'user':
      return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`
    default:
      throw login satisfies never
  }
}

/** https://docs.influxdata.com: `/write` of InfluxDB 1, `/api/v2/write` of 2 and 3. */
function writeUrl(base: string, place: InfluxPlace): URL {
  const url = httpUrl(base, 'an InfluxDB', 'give token, or username and password, by file or environment')
  const path = url.pathname.replace(/\/$/, '')
  switch (place.api) {
    case 'v1':
      url.pathname = `${path}/write`
      url.search = String(
        new URLSearchParams({ db: place.database, ...optional('rp', place.retentionPolicy), precision: 'n' }),
      )
      return url
    case 'v2':
      url.pathname = `${path}/api/v2/write`
      url.search = String(
        new URLSearchParams({ bucket: place.bucket, ...optional('org', place.organization), precision: 'ns' }),
      )
      return url
    default:
      throw place satisfies never
  }
}

const optional = (name: string, value: string | undefined): Readonly<Record<string, string>> =>
  value === undefined ? {} : { [name]: value }
