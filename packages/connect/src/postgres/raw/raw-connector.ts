/** Every message that matches as a row of `hawser.raw_telemetry`. */
import type { Connector } from '../../connector.ts'
import type { Database } from '../database/database.ts'
import { openRowSink } from '../rows/row-sink.ts'
import { rawForm } from './raw-form.ts'
import type { RawPartitions } from './raw-partitions.ts'

export interface RawConnectorOptions {
  readonly name?: string
  /** Stays the caller's: it is not closed with the connector. */
  readonly database: Database
  readonly filters: readonly string[]
  readonly begin?: Connector['begin']
  /** The table is one, whichever connector parts it. */
  readonly partitions?: RawPartitions | undefined
}

/** Throws `CONFIG_INVALID` where the partitions cannot be. */
export function rawConnector(options: RawConnectorOptions): Connector {
  const { name = 'postgres', database, filters, begin = 'oldest' } = options
  const form = rawForm(options.partitions)
  return {
    name,
    kind: database.kind,
    filters,
    begin,
    open: (logId, signal) => openRowSink(database, form, name, logId, signal),
  }
}
