/** InfluxDB as the contract's sink: each has a database of its own on a shared server. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of ours
import { createMemoryState } from '@hawser/engine/memory'
import { systemClock } from '@hawser/std'
import type { InfluxServer } from '../../../../../test/servers/influxdb.ts'
import { refusedTopic, type SinkRow, type SinkUnderTest } from '../../contract/mod.ts'
import { influxConnector } from '../mod.ts'

let sinks = 0

export async function influxUnderTest(server: InfluxServer): Promise<SinkUnderTest> {
  const database = `contract_${++sinks}`
  await server.query(database, `CREATE DATABASE ${database}`)
  const state = createMemoryState()
  const common = { name: database, state, clock: systemClock, url: server.url }
  const place = { api: 'v1', database } as const
  const fields = ['event=${event_id}', 'topic=${topic}']
  return {
    connector: (filters) =>
      influxConnector({ ...common, place, filters, measurement: '${topic}', fields, lingerMs: 0 }),
    fail: () => server.kill(),
    mend: () => server.start(),
    // A field that is a number in this span of time takes no text.
    async refuse() {
      const at = '1700000000000000000'
      const body = `${refusedTopic} event=1i ${at}`
      await fetch(`${server.url}/write?db=${database}`, { method: 'POST', body })
      return {
        async [Symbol.asyncDispose]() {
          await server.query(database, `DROP MEASUREMENT "${refusedTopic}"`)
        },
      }
    },
    async rows(logId) {
      const found = await server.query(database, 'SELECT event, topic FROM /.*/')
      return found.flatMap(([, event, topic]) => rowOf(logId, String(event), String(topic))).sort(byPosition)
    },
    [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
  }
}

/** A database of points has no order but that of time. */
const byPosition = (left: SinkRow, right: SinkRow): number => left.position - right.position

function rowOf(logId: string, event: string, topic: string): SinkRow[] {
  const [log, partition, position] = event.split('/')
  return log === logId ? [{ partition: Number(partition), position: Number(position), topic }] : []
}
