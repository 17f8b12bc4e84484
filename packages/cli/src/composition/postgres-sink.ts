/** PostgreSQL by URL, or the embedded database. */
import { resolve } from 'node:path'
import type { Database } from '@hawser/connect/postgres'
import type { ConfigurationPostgres } from '../config/configuration.ts'
import { postgresPlace } from '../config/postgres-place.ts'
import { secretOf, tlsOf } from './secrets.ts'
import type { OpenedSink, SinkContext } from './sinks.ts'

export async function openPostgres(
  options: ConfigurationPostgres,
  { configuration, specifications, stack }: SinkContext,
): Promise<OpenedSink> {
  const { kpiConnector, rawConnector, typedConnector } = await import('@hawser/connect/postgres')
  const { url, name, filters, begin, table, raw } = options
  const folder = resolve(configuration.dataDir, name)
  const database = stack.use(await openDatabase(options, folder))
  const target = url === undefined ? folder : postgresPlace(url)
  // The console reads raw telemetry and KPIs, which are not in it.
  if (table !== undefined) return { connectors: [typedConnector({ name, database, filters, begin, table })], target }
  const kpis = specifications.map((specification) => kpiConnector({ database, specification }))
  return {
    connectors: [rawConnector({ name, database, filters, begin, partitions: raw }), ...kpis],
    target,
    database,
  }
}

async function openDatabase({ name, url, password, tls }: ConfigurationPostgres, folder: string): Promise<Database> {
  const { openPGliteDatabase, openPostgresDatabase } = await import('@hawser/connect/postgres')
  if (url === undefined) return openPGliteDatabase({ folder })
  return openPostgresDatabase({
    url,
    ...(password === undefined ? {} : { password: await secretOf(name, password, process.env) }),
    ...(tls === undefined ? {} : { tls: await tlsOf(name, tls) }),
  })
}
