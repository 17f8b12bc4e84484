export type { KpiMeasure, KpiWindow } from '../kpi/kpi-window.ts'
export type { Database, Queryable, QueryResult, SqlParameter, SqlRow } from './database/database.ts'
export { openPostgresDatabase, type PostgresDatabaseOptions } from './database/open-postgres.ts'
export { openPGliteDatabase, type PGliteDatabaseOptions } from './database/pglite-database.ts'
export { SqlError, type SqlFault, sqlFault } from './database/sql-errors.ts'
export { type KpiConnectorOptions, kpiConnector } from './kpi/kpi-connector.ts'
export { migrate } from './migrations/migrate.ts'
export {
  type Alarm,
  type AlarmQuery,
  type KpiQuery,
  queryAlarms,
  queryKpis,
  queryMachineHistory,
  queryRawCount,
} from './queries.ts'
export { type RawConnectorOptions, rawConnector } from './raw/raw-connector.ts'
export type { RawPartitions } from './raw/raw-partitions.ts'
export type { ColumnDefinition, TableDefinition } from './typed/definition.ts'
export { type TypedConnectorOptions, typedConnector } from './typed/typed-connector.ts'
