/** `hawser connect` between a real Mosquitto and files or a real Kafka, without a Hawser beside it. */
import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { seededRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { connectAsync, type MqttClient } from 'mqtt'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { kafkaSkipReason, startKafka } from '../servers/kafka.ts'
import { skipWithoutMosquitto, startLastingMosquitto } from '../servers/mosquitto.ts'

/** In tens: more of MQTT 5 at a time than Mosquitto takes would be refused. */
async function publish(client: MqttClient, from: number, until: number): Promise<void> {
  for (let first = from; first < until; first += 10) {
    const numbers = Array.from({ length: 10 }, (_, index) => first + index)
    await Promise.all(numbers.map((number) => client.publishAsync('plant/a', `${number}`, { qos: 1 })))
  }
}

/** The payloads of the lines of a folder. */
async function linesOf(folder: string): Promise<readonly number[]> {
  const names = (await readdir(folder)).filter((name) => /\.ndjson(\.gz)?$/.test(name)).sort()
  const files = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const))
  const texts = files.map(([name, bytes]) => (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString())
  // The last one may be on its way.
  const lines = texts.flatMap((text) => text.split('\n').slice(0, -1))
  return lines.map((line) => (JSON.parse(line) as { payload: number }).payload)
}

async function until(folders: readonly string[], satisfied: (numbers: readonly number[]) => boolean) {
  for (;;) {
    const numbers = (await Promise.all(folders.map(linesOf))).flat()
    if (satisfied(numbers)) return numbers
  }
}

describe('hawser connect', { skip: skipWithoutMosquitto, timeout: 200_000 }, () => {
  it('brings into files what was acknowledged, through a SIGKILL of it at any instant and of the broker', async () => {
    await using folder = await temporaryFolder()
    const out = join(folder.path, 'out')
    await using server = await startLastingMosquitto()
    const argv = ['connect', 'file', '--mqtt', server.url, '-t', 'plant/#', '--set', `folder=${out}`]
    const start = () => startHawser([...argv, '--data-dir', join(folder.path, 'data')])
    const ready = /connector source: mqtt:.* is ready/
    const random = seededRandom(7)
    const [rounds, each] = [5, 200]
    for (let round = 0; round < rounds; round++) {
      await using connect = start()
      await connect.prints(ready)
      const client = await connectAsync(server.url, { protocolVersion: 5, clientId: 'device' })
      const killAt = round * each + 10 * random.integer(each / 10)
      await publish(client, round * each, killAt)
      connect.kill('SIGKILL')
      await publish(client, killAt, (round + 1) * each)
      await client.endAsync()
      await connect.ended
      if (round === 2) await server.stop('SIGTERM')
      if (round === 2) await server.start()
    }
    await using last = start()
    const numbers = await until([out], (found) => new Set(found).size === rounds * each)
    // Only what was under way at a kill may be there twice.
    assert.ok(numbers.length < rounds * (each + 100), `${numbers.length} lines`)
    last.kill('SIGTERM')
    const { code, stderr } = await last.ended
    assert.equal(code, 0, stderr)
    assert.match(stderr, /source state="\w+" taken=\d+ duplicates=\d+ refused=0/)
    assert.match(stderr, /file state="\w+" written=\d+ duplicates=\d+ dead_letters=0 lost=0 lag_messages=0/)
  })

  it('shares the messages where two are of one group', async () => {
    await using folder = await temporaryFolder()
    await using server = await startLastingMosquitto()
    const outs = ['one', 'two'].map((name) => join(folder.path, name))
    const started = outs.map((out) => {
      const own = ['--set', `folder=${out}`, '--data-dir', `${out}-data`]
      return startHawser(['connect', 'file', '--mqtt', server.url, '--share', 'bridges', ...own])
    })
    await using stack = new AsyncDisposableStack()
    for (const connect of started) stack.use(connect)
    await Promise.all(started.map((connect) => connect.prints(/connector source: mqtt:.* is ready/)))
    const client = await connectAsync(server.url, { protocolVersion: 5 })
    await publish(client, 0, 400)
    await client.endAsync()
    const numbers = await until(outs, (found) => found.length >= 400)
    assert.equal(new Set(numbers).size, 400)
    const shares = await Promise.all(outs.map(linesOf))
    assert.ok(
      shares.every(({ length }) => length > 100),
      `${shares.map(({ length }) => length)}`,
    )
  })

  it('prints in a dry run what its rules let through, and takes nothing from anybody', async () => {
    await using folder = await temporaryFolder()
    await using server = await startLastingMosquitto()
    const file = join(folder.path, 'bridge.yaml')
    const rules = 'rules: [{ name: cold, when: [{ place: payload.t, above: 20 }], drop: true }]'
    const keys = `mqtt_broker_host: 127.0.0.1\nmqtt_broker_port: ${server.port}\nmqtt_topic: plant/#\n`
    await writeFile(
      file,
      `${keys}kafka_bootstrap_servers: nowhere:9092\ntopic_telemetry: telemetry\nconnector: { ${rules} }\n`,
    )
    const dataDir = join(folder.path, 'data')
    const argv = ['connect', 'kafka', '--config', file, '--data-dir', dataDir, '--dry-run', '--log-level', 'debug']
    await using connect = startHawser(argv)
    await connect.prints(/connector source: mqtt:.* is ready/)
    const client = await connectAsync(server.url, { protocolVersion: 5 })
    await client.publishAsync('plant/a', '{"t":30}', { qos: 1 })
    await client.publishAsync('plant/a', '{"t":10}', { qos: 1 })
    await client.endAsync()
    await connect.prints(/plant\/a 1 \{"t":10\}/)
    connect.kill('SIGINT')
    const { stdout } = await connect.ended
    assert.equal(stdout, 'plant/a 1 {"t":10}\n')
    assert.deepEqual(await readdir(folder.path), ['bridge.yaml'])
  })

  it('runs on the environment of an older bridge, into a real Kafka', { skip: kafkaSkipReason() }, async () => {
    await using folder = await temporaryFolder()
    await using server = await startLastingMosquitto()
    await using kafka = await startKafka()
    const env = {
      ...{ MQTT_BROKER: '127.0.0.1', MQTT_PORT: `${server.port}`, MQTT_SUB_TOPIC: 'plant/#' },
      ...{ KAFKA_BOOTSTRAP_SERVERS: kafka.address, KAFKA_TOPIC: 'telemetry' },
    }
    await using connect = startHawser(['connect', 'kafka', '--data-dir', join(folder.path, 'data')], env)
    await connect.prints(/connector source: mqtt:.* is ready/)
    const client = await connectAsync(server.url, { protocolVersion: 5 })
    await publish(client, 0, 50)
    await kafka.kill()
    await publish(client, 50, 100)
    await client.endAsync()
    await kafka.start()
    const consumed = startHawser(['consume', 'telemetry', '--kafka', kafka.address, '--from', 'earliest'])
    await using _consumed = consumed
    await consumed.prints(/^99$/m)
    consumed.kill('SIGINT')
    const numbers = new Set((await consumed.ended).stdout.match(/^\d+$/gm)?.map(Number))
    assert.deepEqual(
      [...numbers].sort((one, other) => one - other),
      Array.from({ length: 100 }, (_, number) => number),
    )
  })
})
