/** What Tahu's own code has encoded, decoded by the host and stored in typed columns of a real PostgreSQL. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { connectAsync } from 'mqtt'
import pg from 'pg'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { tahuPayload } from '../../packages/connect/src/sparkplug/testing/payloads.ts'
import { freePort } from '../servers/free-port.ts'
import { postgresSkipReason, startPostgres } from '../servers/postgres.ts'

const configuration = (port: number, url: string): string => `
scenarios: []
connectors:
  - kind: sparkplug
    name: scada
    url: mqtt://127.0.0.1:${port}
    host_id: scada
  - kind: postgres
    name: metrics
    url: ${url}
    filters: [sparkplug/#]
    table:
      name: sparkplug_metrics
      columns:
        - { name: node, type: text, topic_level: 2 }
        - { name: device, type: text, topic_level: 3 }
        - { name: kind, type: text, path: type }
        - { name: at, type: timestamptz, path: timestamp, time_format: unix-milliseconds }
        - { name: small, type: integer, path: metrics.int8 }
        - { name: large, type: bigint, path: metrics.int64 }
        - { name: largest, type: numeric, path: metrics.uint64 }
        - { name: real, type: double precision, path: metrics.double }
        - { name: is_on, type: boolean, path: metrics.boolean }
        - { name: label, type: text, path: metrics.string }
        - { name: made_at, type: timestamptz, path: metrics.date }
        - { name: rebirth, type: boolean, path: /metrics/Node Control~1Rebirth }
        - { name: count, type: bigint, path: metrics.count }
`

const at = '2023-11-14T22:13:20.000Z'
const none = {
  ...{ small: null, large: null, largest: null, real: null, is_on: null, label: null, made_at: null },
  ...{ rebirth: null, count: null },
}

describe('Sparkplug into PostgreSQL', { skip: postgresSkipReason(), timeout: 120_000 }, () => {
  it('has each metric in its column, exactly, and the others in rest', async () => {
    await using postgres = await startPostgres()
    await using folder = await temporaryFolder()
    const port = await freePort()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, configuration(port, postgres.url))
    const ports = ['--mqtt-port', `${port}`, '--ws-port', '0', '--http-port', '0']
    await using hawser = startHawser(['up', ...ports, '--config', file, '--data-dir', join(folder.path, 'data')])
    await hawser.prints(/connector metrics: postgres:\/\/\S+ is ready/)
    await hawser.prints(/connector scada: mqtt:\/\/\S+ is ready/)
    const node = await connectAsync(`mqtt://127.0.0.1:${port}`)
    for (const [topic, payload] of [
      ['NBIRTH/other', 'scalars'],
      ['NBIRTH/line', 'node_birth'],
      ['DBIRTH/line/press', 'device_birth_1'],
      ['DDATA/line/press', 'device_data_2'],
    ] as const) {
      await node.publishAsync(`spBv1.0/plant/${topic}`, tahuPayload(payload), { qos: 1 })
    }
    const database = new pg.Client({ connectionString: postgres.url })
    await database.connect()
    try {
      let rows: readonly Record<string, unknown>[] = []
      while (rows.length < 4) {
        await sleep(systemClock, milliseconds(100))
        rows = (
          await database.query(
            `SELECT node, device, kind, at, small, large, largest, real, is_on, label, made_at, rebirth, count, flags
             FROM hawser.sparkplug_metrics ORDER BY position`,
          )
        ).rows
      }
      const [scalars, birth, deviceBirth, data, ...others] = rows.map((row) => JSON.parse(JSON.stringify(row)))
      assert.deepEqual(scalars, {
        ...none,
        ...{ node: 'other', device: null, kind: 'NBIRTH', at, flags: null },
        ...{ small: -5, large: '-9007199254740993', largest: '18446744073709551615', real: 1.1 },
        ...{ is_on: true, label: 'grüße', made_at: '2025-06-18T10:47:25.054Z' },
      })
      assert.deepEqual(birth, { ...none, node: 'line', device: null, kind: 'NBIRTH', at, rebirth: false, flags: null })
      const press = { ...none, node: 'line', device: 'press', at, flags: null }
      assert.deepEqual(deviceBirth, { ...press, kind: 'DBIRTH', count: '5' })
      assert.deepEqual(data, { ...press, kind: 'DDATA', count: '-6' })
      assert.deepEqual(others, [])
      const { rows: rest } = await database.query(
        `SELECT rest->'metrics'->>'nan' AS nan, rest->'metrics'->>'bytes' AS bytes FROM hawser.sparkplug_metrics
         WHERE node = 'other'`,
      )
      assert.deepEqual(rest, [{ nan: 'NaN', bytes: 'AP8=' }])
    } finally {
      await database.end()
      await node.endAsync()
    }
  })
})
