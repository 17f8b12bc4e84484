/** `hawser up --mqtt`: the devices at a Mosquitto that asks for a login, their messages here and in real servers. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Snapshot } from '@hawser/admin'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt from 'mqtt'
import pg from 'pg'
import { runHawserProcess, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { startMosquitto } from '../../packages/simulate/src/testing/mod.ts'
import { kafkaSkipReason, startKafka } from '../servers/kafka.ts'
import { skipWithoutMosquitto } from '../servers/mosquitto.ts'
import { postgresSkipReason, startPostgres } from '../servers/postgres.ts'

const anyPorts = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']

async function snapshotWhen(url: string, wanted: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  for (;;) {
    const answer = await fetch(`${url}/api/v1/snapshot`).catch(() => undefined)
    const snapshot = answer?.ok ? ((await answer.json()) as Snapshot) : undefined
    if (snapshot !== undefined && wanted(snapshot)) return snapshot
    await sleep(systemClock, milliseconds(100))
  }
}

describe('a scenario at another broker', { skip: skipWithoutMosquitto, timeout: 200_000 }, () => {
  it('comes up in the order of what it needs, and shows KPIs of what came by the bridge', async () => {
    await using folder = await temporaryFolder()
    const passwords = join(folder.path, 'passwords')
    execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'plant', 'a:b/c@d'])
    await using mosquitto = await startMosquitto(['allow_anonymous false', `password_file ${passwords}`])
    const server = mosquitto.url.replace('//', '//plant@')
    const words = ['--scenario', 'factory', '--scale', 'machine=3', '--data-dir', join(folder.path, 'data')]
    const env = { HAWSER_MQTT_PASSWORD: 'a:b/c@d' }
    await using hawser = startHawser(['up', ...anyPorts, '--mqtt', server, ...words], env)
    const [url] = await hawser.prints(/http:\/\/[\d.]+:\d+/)
    await hawser.prints(new RegExp(`Devices +at ${server}, whose messages come here\\n`))
    const { machines, broker, parts } = await snapshotWhen(
      url,
      (now) =>
        now.machines.length === 3 &&
        now.machines.every(({ current }) => current?.oee !== undefined) &&
        (now.connectors.find(({ name }) => name === 'postgres')?.written ?? 0) >= 9,
    )
    assert.equal(machines.length, 3)
    // No device is at our own broker.
    assert.equal(broker.connections.total, 0)
    hawser.kill('SIGINT')
    const { stderr } = await hawser.ended
    const readyAt = stderr.indexOf(`connector mqtt-devices: ${mosquitto.url} is ready`)
    assert.ok(readyAt >= 0, stderr)
    assert.ok(readyAt < stderr.indexOf('up, pid'), stderr)
    assert.deepEqual(
      parts.map(({ name }) => name),
      ['core', 'factory'],
    )
  })

  it('starts without the broker, and goes on once it is there', async () => {
    await using mosquitto = await startMosquitto()
    await mosquitto.stop('SIGKILL')
    await using folder = await temporaryFolder()
    const words = ['--scenario', 'fleet', '--data-dir', join(folder.path, 'data')]
    await using hawser = startHawser(['up', ...anyPorts, '--mqtt', mosquitto.url, ...words])
    await hawser.prints(/connector mqtt-devices: mqtt:\/\/\S+ is tried again: /)
    const [url] = await hawser.prints(/http:\/\/[\d.]+:\d+/)
    await mosquitto.start()
    await hawser.prints(/connector mqtt-devices: mqtt:\/\/\S+ is ready/)
    await snapshotWhen(url, (now) => (now.connectors.find(({ name }) => name === 'mqtt-devices')?.written ?? 0) >= 5)
  })

  it('refuses a password in the URL', async () => {
    const { code, stderr } = await runHawserProcess(['up', '--mqtt', 'mqtt://user:secret@127.0.0.1:1'])
    assert.equal(code, 2)
    assert.match(stderr, /give the password in HAWSER_MQTT_PASSWORD/)
    assert.doesNotMatch(stderr, /secret/)
  })

  const skip = kafkaSkipReason() || postgresSkipReason()
  it('feeds Kafka and PostgreSQL with what devices published at the other broker', { skip }, async () => {
    await using mosquitto = await startMosquitto()
    await using kafka = await startKafka()
    await using postgres = await startPostgres()
    await using folder = await temporaryFolder()
    const servers = ['--mqtt', mosquitto.url, '--kafka', kafka.address, '--postgres', postgres.url]
    const words = ['--scenario', 'factory', '--scale', 'machine=3', '--data-dir', join(folder.path, 'data')]
    const seen = new Map<string, string>()
    const observer = await mqtt.connectAsync(mosquitto.url)
    observer.on('message', (topic, payload) => seen.set(`${payload}`, topic))
    await observer.subscribeAsync('factory/#', { qos: 1 })
    await using hawser = startHawser(['up', ...anyPorts, ...servers, ...words])
    await hawser.prints(/connector kafka-telemetry: kafka:\/\/\S+ is ready/)
    const flags = ['--kafka', kafka.address, '--from', 'earliest', '--count', '12', '--json']
    const { code, stdout, stderr } = await runHawserProcess(['consume', 'telemetry', ...flags])
    assert.equal(code, 0, stderr)
    hawser.kill('SIGINT')
    await hawser.ended
    await observer.endAsync()
    const database = new pg.Client({ connectionString: postgres.url })
    await database.connect()
    try {
      const { rows } = await database.query<{ topic: string; payload: string }>(
        `SELECT topic, convert_from(payload, 'UTF8') AS payload FROM hawser.raw_telemetry`,
      )
      assert.ok(rows.length >= 12)
      for (const { topic, payload } of rows) assert.equal(seen.get(payload), topic)
    } finally {
      await database.end()
    }
    const ids = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).headers.event_id)
    assert.equal(new Set(ids).size, 12)
  })
})
