/** Raw telemetry over a shared database as the contract's sink: each has a connector name of its own. */
import { HawserError } from '@hawser/std'
import { refusedTopic, type SinkRow, type SinkUnderTest } from '../../contract/mod.ts'
import type { Database } from '../database/database.ts'
import { rawConnector } from '../raw/raw-connector.ts'

export interface Outage {
  fail(): Promise<void>
  mend(): Promise<void>
}

let sinks = 0

/** Without an outage of its own, the way to the database is what breaks. */
export function sinkOver(database: Database, outage?: Outage): SinkUnderTest {
  const name = `contract-${++sinks}`
  const cut = cuttable(database)
  return {
    connector: (filters) => rawConnector({ name, database: cut.database, filters }),
    fail: outage?.fail ?? cut.fail,
    mend: outage?.mend ?? cut.mend,
    async rows(logId) {
      // In the order of the transactions that inserted them; where they lie says nothing once space is used again.
      const { rows } = await database.query<SinkRow>(
        'SELECT partition, position, topic FROM hawser.raw_telemetry WHERE log_id = $1 ORDER BY xmin::text::bigint, position',
        [logId],
      )
      return rows
    },
    async refuse() {
      await database.query(
        `ALTER TABLE hawser.raw_telemetry ADD CONSTRAINT refusing CHECK (topic <> '${refusedTopic}') NOT VALID`,
      )
      return {
        async [Symbol.asyncDispose]() {
          await database.query('ALTER TABLE hawser.raw_telemetry DROP CONSTRAINT refusing')
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
