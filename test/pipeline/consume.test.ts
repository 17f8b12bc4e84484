/** `hawser consume` on a real Kafka: a topic that is not there, what was there before, and an outage. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Producer } from '@platformatic/kafka'
import { runHawserProcess, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { clientOptions } from '../../packages/connect/src/kafka/client/options.ts'
import { type KafkaServer, kafkaSkipReason, startKafka } from '../servers/kafka.ts'

describe('hawser consume', { skip: kafkaSkipReason(), timeout: 200_000 }, () => {
  let kafka: KafkaServer
  before(async () => {
    kafka = await startKafka()
  })
  after(() => kafka?.[Symbol.asyncDispose]())

  async function produce(topic: string, ...values: readonly string[]): Promise<void> {
    const producer = new Producer(clientOptions({ brokers: [kafka.address], clientId: 'test' }))
    const messages = values.map((value) => ({
      ...{ topic, key: Buffer.from('k'), value: Buffer.from(value) },
      headers: new Map([[Buffer.from('h'), Buffer.from('1')]]),
    }))
    await producer.send({ messages, acks: -1 })
    await producer.close()
  }

  it('makes the topic, prints what comes and nothing from before, and goes on where Kafka was killed', async () => {
    await using consume = startHawser(['consume', 'fms-data-stream', '--kafka', kafka.address, '-v'])
    await consume.prints(/consume: fms-data-stream at/)
    await produce('fms-data-stream', 'one', 'two')
    await consume.prints(/\d 0 k one\n\d 1 k two\n/)
    await kafka.kill()
    await consume.prints(/consume: Kafka: .*; trying again/)
    await kafka.start()
    await produce('fms-data-stream', 'three')
    await consume.prints(/three\n/)
    const later = startHawser(['consume', 'fms-data-stream', '--kafka', kafka.address, '--count', '1'])
    await using _later = later
    await later.prints(/consume: fms-data-stream at/)
    await produce('fms-data-stream', 'four')
    const { code, stdout } = await later.ended
    assert.deepEqual([code, stdout], [0, 'four\n'])
    await consume.prints(/four\n/)
    consume.kill('SIGINT')
    const ended = await consume.ended
    assert.equal(ended.code, 0, ended.stderr)
    assert.deepEqual(ended.stdout.match(/\w+(?=\n)/g), ['one', 'two', 'three', 'four'])
  })

  it('prints from the start, as JSON', async () => {
    await using made = startHawser(['consume', 'lines', '--kafka', kafka.address, '--partitions', '1'])
    await made.prints(/consume: lines at/)
    await produce('lines', 'first', 'second')
    const words = ['consume', 'lines', '--kafka', kafka.address, '--from', 'earliest', '--count', '2', '--json']
    const { code, stdout } = await runHawserProcess(words)
    assert.equal(code, 0)
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      records,
      ['first', 'second'].map((value, offset) => ({
        ...{ topic: 'lines', partition: 0, offset, key: 'k', value, headers: { h: '1' } },
      })),
    )
  })
})
