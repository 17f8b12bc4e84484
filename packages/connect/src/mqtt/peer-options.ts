/** How another broker is reached, and why it is not. */
import { HawserError } from '@hawser/std'
import { ConnectRefused, type RemoteOptions } from './client/remote-client.ts'
import type { MqttVersion } from './defaults.ts'

export interface PeerOptions extends Omit<RemoteOptions, 'clientId'> {
  /** Undefined: of the link and our log, so that two houses may name theirs alike. */
  readonly clientId?: string | undefined
  readonly version: MqttVersion
  /** Publishes that wait for their answer, in each direction. */
  readonly inFlightMax: number
  /** Messages go. */
  readonly sends: boolean
  /** Messages come: how long its session outlives a connection. Undefined: they only go. */
  readonly sessionSeconds?: number | undefined
  /** In 3.1.1, where messages come: it is told that a bridge comes. */
  readonly bridgeBit: boolean
}

/** Bad user name or password, not authorized, unacceptable protocol version: in MQTT 3.1.1 and 5.0. */
const refusals = [1, 4, 5, 0x84, 0x86, 0x87]

export function connectError(url: string, error: unknown): HawserError {
  const line = `the broker at ${new URL(url).host}: ${error instanceof Error ? error.message : error}`
  if (error instanceof ConnectRefused && refusals.includes(error.code)) {
    const mend = 'mend user, password, rights or version, then resume the connector'
    return new HawserError('SINK_REFUSED', line, { mend, cause: error })
  }
  return new HawserError('SINK_UNAVAILABLE', line, { retryable: true, cause: error })
}
