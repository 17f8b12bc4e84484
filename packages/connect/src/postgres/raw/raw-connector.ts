/** Every message that matches as a row of `hawser.raw_telemetry`. */
import type { Connector } from '../../connector.ts'
import type { Database } from '../database/database.ts'
import { openRowSink } from '../rows/row-sink.ts'
import { rawForm } from './raw-form.ts'

export interface RawConnectorOptions {
  readonly name?: string
  /** Stays the caller's: it is not closed with the connector. */
  readonly database: Database
  readonly filters: readonly string[]
  readonly begin?: Connector['begin']
}

export function rawConnector(options: RawConnectorOptions): Connector {
  const { name = 'postgres', database, filters, begin = 'oldest' } = options
  return {
    name,
    kind: database.kind,
    filters,
    begin,
    open: (logId, signal) => openRowSink(database, rawForm, name, logId, signal),
  }
}
