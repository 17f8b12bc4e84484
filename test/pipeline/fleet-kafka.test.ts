/** `hawser up --scenario fleet --kafka`, and `hawser consume` beside it, as a user types them. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { runHawserProcess, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { kafkaSkipReason, startKafka } from '../servers/kafka.ts'

describe('fleet into Kafka', { skip: kafkaSkipReason(), timeout: 180_000 }, () => {
  it('prints what vehicles say, keyed by vehicle, with the same bytes', async () => {
    await using kafka = await startKafka()
    await using folder = await temporaryFolder()
    await using consume = startHawser([
      'consume',
      'fms-data-stream',
      '--kafka',
      kafka.address,
      '--json',
      '--count',
      '5',
    ])
    await consume.prints(/consume: fms-data-stream at/)
    const ports = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
    const words = ['--scenario', 'fleet', '--kafka', kafka.address, '--data-dir', join(folder.path, 'data')]
    await using _hawser = startHawser(['up', ...ports, ...words])
    const { code, stdout } = await consume.ended
    assert.equal(code, 0)
    for (const line of stdout.trim().split('\n')) {
      const { key, value, headers } = JSON.parse(line)
      const { vehicle_id, timestamp, ...others } = JSON.parse(value)
      assert.deepEqual([key, headers.mqtt_topic], [vehicle_id, 'fms/data'])
      assert.ok(Number.isInteger(timestamp))
      assert.deepEqual(Object.keys(others), ['speed', 'rpm', 'fuel_level'])
    }
  })

  it('refuses what is no address, and a password where processes are listed', async () => {
    for (const words of [
      ['--kafka', 'nowhere'],
      ['--postgres', 'postgres://u:secret@h/d'],
      ['--postgres', 'h/d'],
    ]) {
      const { code, stderr } = await runHawserProcess(['up', ...words])
      assert.equal(code, 2, stderr)
      assert.ok(!stderr.includes('secret'))
    }
  })
})
