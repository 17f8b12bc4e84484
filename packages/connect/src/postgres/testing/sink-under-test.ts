/** A table of a shared database as the contract's sink: each has a connector name of its own. */
import { HawserError } from '@hawser/std'
import type { Connector } from '../../connector.ts'
import { refusedTopic, type SinkRow, type SinkUnderTest } from '../../contract/mod.ts'
import type { Database } from '../database/database.ts'
import { rawConnector } from '../raw/raw-connector.ts'
import { typedConnector } from '../typed/typed-connector.ts'

export interface Outage {
  fail(): Promise<void>
  mend(): Promise<void>
}

export interface SinkTable {
  readonly table: string
  connector(options: {
    readonly name: string
    readonly database: Database
    readonly filters: readonly string[]
  }): Connector
}

export const rawTable: SinkTable = { table: 'raw_telemetry', connector: rawConnector }
export const typedTable: SinkTable = {
  table: 'contract_typed',
  connector: (options) =>
    typedConnector({
      ...options,
      table: {
        name: 'contract_typed',
        columns: [
          { name: 'n', type: 'bigint', path: 'n' },
          { name: 'kind', type: 'text', topicLevel: 1 },
        ],
      },
    }),
}

let sinks = 0

/** Without an outage of its own, the way to the database is what breaks. */
export function sinkOver({ table, connector }: SinkTable, database: Database, outage?: Outage): SinkUnderTest {
  const name = `contract-${++sinks}`
  const cut = cuttable(database)
  return {
    connector: (filters) => connector({ name, database: cut.database, filters }),
    fail: outage?.fail ?? cut.fail,
    mend: outage?.mend ?? cut.mend,
    async rows(logId) {
      // In the order of the transactions that inserted them; where they lie says nothing once space is used again.
      const { rows } = await database.query<SinkRow>(
        `SELECT partition, position, topic FROM hawser.${table} WHERE log_id = $1
         ORDER BY xmin::text::bigint, position`,
        [logId],
      )
      return rows
    },
    async refuse() {
      await database.query(
        `ALTER TABLE hawser.${table} ADD CONSTRAINT refusing CHECK (topic <> '${refusedTopic}') NOT VALID`,
      )
      return {
        async [Symbol.asyncDispose]() {
          await database.query(`ALTER TABLE hawser.${table} DROP CONSTRAINT refusing`)
        },
      }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

function cuttable(database: Database): { readonly database: Database } & Outage {
  let reachable = true
  const whileReachable = <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (reachable) return work()
    return Promise.reject(new HawserError('SINK_UNAVAILABLE', 'the way to the database is cut', { retryable: true }))
  }
  return {
    database: {
      kind: database.kind,
      query: (sql, parameters) => whileReachable(() => database.query(sql, parameters)),
      transaction: (work, signal) => whileReachable(() => database.transaction(work, signal)),
      readOnly: (sql) => whileReachable(() => database.readOnly(sql)),
      [Symbol.asyncDispose]: async () => {},
    },
    fail: async () => {
      reachable = false
    },
    mend: async () => {
      reachable = true
    },
  }
}
