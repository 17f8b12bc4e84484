/** `hawser up --scenario factory --kafka --postgres` on real servers, of which one comes late. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import pg from 'pg'
import { runHawserProcess, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { kafkaSkipReason, startKafka } from '../servers/kafka.ts'
import { postgresSkipReason, startPostgres } from '../servers/postgres.ts'

describe('factory on real servers', { skip: kafkaSkipReason() || postgresSkipReason(), timeout: 180_000 }, () => {
  it('comes up without Kafka, says what it waits for, and has every record in both once Kafka is there', async () => {
    await using kafka = await startKafka()
    await kafka.kill()
    await using postgres = await startPostgres()
    await using folder = await temporaryFolder()
    const ports = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
    const servers = ['--kafka', kafka.address, '--postgres', postgres.url]
    const words = ['--scenario', 'factory', '--scale', 'machine=3', '--data-dir', join(folder.path, 'data')]
    await using hawser = startHawser(['up', ...ports, ...servers, ...words])
    await hawser.prints(/Kafka +127\.0\.0\.1:\d+ +to telemetry\n/)
    await hawser.prints(/connector postgres: postgres:\/\/127\.0\.0\.1:\d+\/\w+ is ready/)
    await hawser.prints(/connector kafka-telemetry: kafka:\/\/\S+ is tried again: Kafka: /)
    await kafka.start()
    await hawser.prints(/connector kafka-telemetry: kafka:\/\/\S+ is ready/)
    const flags = ['--kafka', kafka.address, '--from', 'earliest', '--count', '15', '--json']
    const { code, stdout, stderr } = await runHawserProcess(['consume', 'telemetry', ...flags])
    assert.equal(code, 0, stderr)
    const positions = new Set<number>()
    for (const line of stdout.trim().split('\n')) {
      const { key, value, headers } = JSON.parse(line)
      const { machine_id, bridge_id, mqtt_topic } = JSON.parse(value)
      assert.deepEqual(
        [key, mqtt_topic, bridge_id],
        [machine_id, `factory/machines/${key}/telemetry`, 'hawser-factory'],
      )
      positions.add(Number(headers.event_id.split('/').at(-1)))
    }
    hawser.kill('SIGINT')
    const { stdout: said, stderr: warned } = await hawser.ended
    assert.doesNotMatch(`${said}${warned}`, /does not exist/)
    const database = new pg.Client({ connectionString: postgres.url })
    await database.connect()
    try {
      const { rows } = await database.query<{ position: string }>(
        `SELECT position FROM hawser.raw_telemetry WHERE topic LIKE 'factory/machines/%/telemetry'`,
      )
      const inDatabase = new Set(rows.map(({ position }) => Number(position)))
      assert.equal(inDatabase.size, rows.length)
      for (const position of positions) assert.ok(inDatabase.has(position), String(position))
    } finally {
      await database.end()
    }
  })
})
