/** Dead letters of a connector into a real Kafka: listed, tried again in vain, and again once the cause is mended. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { type Ended, runHawserProcess, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { kafkaSkipReason, startKafka } from '../servers/kafka.ts'
import { readByJava } from '../servers/kafka-java.ts'

const configuration = (address: string, recordBytesMax: number): string => `
scenarios: []
connectors:
  - kind: kafka
    name: lines
    filters: [line/#]
    brokers: ["${address}"]
    topic: lines
    record_bytes_max: ${recordBytesMax}
`

const large = 'x'.repeat(2_000)

describe('dead letters of Kafka', { skip: kafkaSkipReason(), timeout: 240_000 }, () => {
  it('are kept with their reason over a restart, and written once they may be', async () => {
    await using kafka = await startKafka()
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    const dataDir = join(folder.path, 'data')
    const start = async (recordBytesMax: number) => {
      await writeFile(file, configuration(kafka.address, recordBytesMax))
      const ports = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
      const hawser = startHawser(['up', ...ports, '--config', file, '--data-dir', dataDir])
      const [, mqttPort = ''] = await hawser.prints(/npx hawser pub -p (\d+)/)
      const [, httpPort = ''] = await hawser.prints(/http:\/\/[\d.]+:(\d+)/)
      const deadLetters = (...words: string[]): Promise<Ended> =>
        runHawserProcess([
          'connector',
          'dead-letters',
          'lines',
          ...words,
          '--http-port',
          httpPort,
          '--data-dir',
          dataDir,
        ])
      return { hawser, mqttPort, deadLetters }
    }
    {
      const { hawser, mqttPort, deadLetters } = await start(1_000)
      await using _hawser = hawser
      const publish = (payload: string): Promise<Ended> =>
        runHawserProcess(['pub', '-p', mqttPort, '-q', '1', '-t', 'line/7', '-m', payload])
      await publish('small')
      await publish(large)
      await listed(deadLetters, /\/0\/\d+ +line\/7: too-large: \d+ bytes of 1000/)
      const { code, stdout } = await deadLetters('replay')
      assert.deepEqual([code, stdout], [1, '0 written, 1 refused again, 0 no longer in the log\n'])
      hawser.kill('SIGINT')
      await hawser.ended
    }
    const { hawser, deadLetters } = await start(1_000_000)
    await using _hawser = hawser
    await listed(deadLetters, /too-large/)
    const { code, stdout } = await deadLetters('replay')
    assert.deepEqual([code, stdout], [0, '1 written, 0 refused again, 0 no longer in the log\n'])
    assert.equal((await deadLetters()).stdout, 'no dead letters\n')
    const records = await readByJava(kafka.address, ['lines'])
    const payloads = records.map(({ value }) => `${Buffer.from(value ?? '', 'base64')}`)
    assert.deepEqual(payloads.sort(), ['small', large])
  })
})

/** The sink may not be open yet, or the message not be read. */
async function listed(deadLetters: () => Promise<Ended>, wanted: RegExp): Promise<void> {
  while (!wanted.test((await deadLetters()).stdout)) await sleep(systemClock, milliseconds(100))
}
