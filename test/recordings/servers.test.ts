/** Recordings replayed through MQTT into a real Kafka, read by `hawser consume`, and into a real PostgreSQL. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import pg from 'pg'
import { runHawserProcess } from '../../packages/cli/src/testing/running-hawser.ts'
import { kafkaSkipReason, startKafka } from '../servers/kafka.ts'
import { postgresSkipReason, startPostgres } from '../servers/postgres.ts'
import { machineTemperature, occupancy, readRecording, recordingsMissing } from './recording.ts'
import { RunningUp } from './running-up.ts'

const skip = recordingsMissing || kafkaSkipReason() || postgresSkipReason()

describe('recordings into real servers', { skip, timeout: 220_000 }, () => {
  it('are in Kafka byte for byte and in PostgreSQL row for row, in the order of the file', async () => {
    await using kafka = await startKafka()
    await using postgres = await startPostgres()
    await using folder = await temporaryFolder()
    const config = join(folder.path, 'hawser.yaml')
    const filters = "filters: ['recordings/+']"
    await writeFile(
      config,
      `connectors:
  - { kind: kafka, name: kafka, brokers: ['${kafka.address}'], ${filters}, topic: recordings, partitions: 1 }
  - { kind: postgres, name: postgres, url: '${postgres.url}', ${filters} }
`,
    )
    await using up = await RunningUp.start({ dataDir: join(folder.path, 'data'), config })
    const recordings = [machineTemperature, occupancy].map(readRecording)
    for (const { file, topic } of recordings) {
      const broker = `mqtt://127.0.0.1:${up.mqttPort}`
      const words = ['--broker', broker, '--topic', topic, '--speed', 'max', '--qos', '2']
      const { code, stderr } = await runHawserProcess(['simulate', 'replay', file, ...words])
      assert.equal(code, 0, stderr)
    }
    await up.caughtUp()
    const all = recordings.flatMap(({ payloads }) => payloads)
    const flags = ['--kafka', kafka.address, '--from', 'earliest', '--count', `${all.length}`]
    const { stdout } = await runHawserProcess(['consume', 'recordings', ...flags])
    assert.deepEqual(stdout.trimEnd().split('\n'), all)
    const database = new pg.Client({ connectionString: postgres.url })
    await database.connect()
    try {
      for (const { topic, payloads } of recordings) {
        const { rows } = await database.query<{ payload: string }>(
          `SELECT convert_from(payload, 'UTF8') AS payload FROM hawser.raw_telemetry
            WHERE topic = $1 ORDER BY partition, position`,
          [topic],
        )
        assert.deepEqual(
          rows.map(({ payload }) => payload),
          payloads,
        )
      }
    } finally {
      await database.end()
    }
  })
})
