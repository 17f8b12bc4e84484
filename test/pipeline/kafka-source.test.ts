/** Kafka into the log of `hawser up`, which is killed now and then: a file holds each record once. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of ours
import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { milliseconds, seededRandom, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { Admin, Producer } from '@platformatic/kafka'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { clientOptions } from '../../packages/connect/src/kafka/client/options.ts'
import { kafkaSkipReason, startKafka } from '../servers/kafka.ts'

const kills = 5
const perKill = 2_000
const partitions = 3

describe('out of Kafka', { skip: kafkaSkipReason(), timeout: 200_000 }, () => {
  it('has each record once, in the order of its partition, after kills at any instant', async ({ signal }) => {
    await using kafka = await startKafka()
    await using folder = await temporaryFolder()
    const connection = clientOptions({ brokers: [kafka.address], clientId: 'test' })
    const admin = new Admin(connection)
    await admin.createTopics({ topics: ['orders'], partitions, replicas: 1 })
    await admin.close()
    const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({ ...connection, idempotent: true })
    const produce = async (from: number): Promise<void> => {
      const messages = Array.from({ length: perKill }, (_, index) => ({
        ...{ topic: 'orders', key: Buffer.from('k'), value: Buffer.from(String(from + index)) },
        partition: (from + index) % partitions,
      }))
      await producer.send({ messages })
    }
    const file = join(folder.path, 'hawser.yaml')
    const source = `{ kind: kafka-source, name: orders, brokers: ['${kafka.address}'], topics: [orders], begin: oldest, topic: 'in/\${partition}' }`
    await writeFile(
      file,
      `scenarios: []\nconnectors:\n  - ${source}\n  - { kind: file, name: raw, folder: raw, filters: ['in/#'] }\n`,
    )
    const dataDir = join(folder.path, 'data')
    const start = () => {
      const ports = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
      return startHawser(['up', ...ports, '--config', file, '--data-dir', dataDir])
    }
    const random = seededRandom(7)
    for (let kill = 0; kill < kills; kill++) {
      await using hawser = start()
      await hawser.prints(/http:\/\/[\d.]+:(\d+)/)
      await produce(kill * perKill)
      await sleep(systemClock, milliseconds(random.integer(900)), signal)
      hawser.kill('SIGKILL')
      await hawser.ended
    }
    await using _last = start()
    let found: readonly number[] = []
    do {
      await sleep(systemClock, milliseconds(200), signal)
      found = await numbersIn(join(dataDir, 'raw'))
    } while (new Set(found).size < kills * perKill)
    await producer.close()
    for (let partition = 0; partition < partitions; partition++) {
      const ofPartition = found.filter((number) => number % partitions === partition)
      const all = Array.from({ length: kills * perKill }, (_, number) => number)
      assert.deepEqual(
        ofPartition,
        all.filter((number) => number % partitions === partition),
      )
    }
  })
})

async function numbersIn(folder: string): Promise<readonly number[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.ndjson')).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  const lines = texts.join('').split('\n')
  // The last may be half written.
  return lines.slice(0, -1).map((line) => JSON.parse(line).payload)
}
