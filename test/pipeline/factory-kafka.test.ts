/** The scenario `factory` with a connector into a real Kafka, as a user configures it; and Kafka goes away meanwhile. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ConnectorSnapshot, Snapshot } from '@hawser/admin'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { kafkaSkipReason, startKafka } from '../servers/kafka.ts'
import { readByJava } from '../servers/kafka-java.ts'

const configuration = (address: string): string => `
scenarios: [factory]
log: { durability: disk }
connectors:
  - kind: kafka
    name: telemetry
    filters: [factory/machines/+/telemetry]
    brokers: ["${address}"]
    topic: telemetry
    key: \${payload.machine_id|topic.3}
    value: enriched
    bridge_id: factory-1
    topic_settings: { retention.ms: 3600000 }
`

async function connectorWhen(
  url: string,
  wanted: (connector: ConnectorSnapshot) => boolean,
): Promise<ConnectorSnapshot> {
  for (;;) {
    const answer = await fetch(`${url}/api/v1/snapshot`).catch(() => undefined)
    const snapshot = answer?.ok ? ((await answer.json()) as Snapshot) : undefined
    const found = snapshot?.connectors.find(({ name }) => name === 'telemetry')
    if (found !== undefined && wanted(found)) return found
    await sleep(systemClock, milliseconds(100))
  }
}

describe('factory into Kafka', { skip: kafkaSkipReason(), timeout: 240_000 }, () => {
  it('brings each record of the log into the topic, under its event id, through the death of Kafka', async () => {
    await using kafka = await startKafka()
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, configuration(kafka.address))
    const ports = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
    await using hawser = startHawser(['up', ...ports, '--config', file, '--data-dir', join(folder.path, 'data')])
    const [url] = await hawser.prints(/http:\/\/[\d.]+:\d+/)
    await connectorWhen(url, ({ written }) => written >= 20)
    await kafka.kill()
    await connectorWhen(url, ({ state, lag }) => state === 'retrying' && lag.messages >= 5)
    await kafka.start()
    const { written, deadLetters } = await connectorWhen(
      url,
      ({ state, written, lag }) => state === 'running' && written >= 40 && lag.messages < 5,
    )
    assert.equal(deadLetters, 0)
    hawser.kill('SIGINT')
    await hawser.ended
    const records = await readByJava(kafka.address, ['telemetry'])
    const positions = [...new Set(records.map(({ headers }) => headers['event_id'] ?? ''))]
    assert.ok(positions.length >= written, `${positions.length} of ${written}`)
    for (const { key, partition, partitionOfJava, headers, value } of records) {
      const body = JSON.parse(`${Buffer.from(value ?? '', 'base64')}`)
      assert.deepEqual([body.machine_id, body.bridge_id, body.mqtt_topic], [key, 'factory-1', headers['mqtt_topic']])
      assert.equal(partition, partitionOfJava)
    }
    assert.ok(inOrderOfEachKey(records.map(({ key, headers }) => [key, headers['event_id'] ?? ''] as const)))
  })
})

/** Where each record came first, positions of a key only grow. */
function inOrderOfEachKey(records: readonly (readonly [key: string, eventId: string])[]): boolean {
  const newest = new Map<string, number>()
  const seen = new Set<string>()
  return records.every(([key, eventId]) => {
    if (seen.has(eventId)) return true
    seen.add(eventId)
    const position = Number(eventId.split('/').at(-1))
    const isLater = position > (newest.get(key) ?? -1)
    newest.set(key, position)
    return isLater
  })
}
