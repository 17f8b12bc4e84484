/** The driver is loaded only where a URL is configured. */
import type { Database } from './database.ts'
import type { PgDatabaseOptions } from './pg-database.ts'

export type PostgresDatabaseOptions = PgDatabaseOptions

export async function openPostgresDatabase(options: PostgresDatabaseOptions): Promise<Database> {
  const { openPgDatabase } = await import('./pg-database.ts')
  return openPgDatabase(options)
}
