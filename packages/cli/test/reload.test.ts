import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt from 'mqtt'
import { type RunningHawser, runHawserProcess, startHawser } from '../src/testing/running-hawser.ts'

const anyPorts = ['--port', '0', '--ws-port', '0', '--http-port', '0']
const ready = /mqtt:\/\/localhost:(\d+) ws:\S+ (http:\/\/\S+) durability=/m

const configuration = (filter: string, limits: string): string => `auth: { chain: [anonymous] }
acl:
  rules:
    - { topics: ['${filter}'], allow: [publish, subscribe, receive] }
limits: ${limits}
`

interface Running extends AsyncDisposable {
  readonly hawser: RunningHawser
  readonly port: string
  readonly http: string
  readonly folder: string
  write(text: string): Promise<void>
  /** As REST answers. */
  reload(): Promise<{ readonly status: number; readonly text: string }>
}

async function start(text: string): Promise<Running> {
  const folder = await temporaryFolder()
  const file = join(folder.path, 'hawser.yaml')
  await writeFile(file, text)
  const hawser = startHawser(['broker', ...anyPorts, '--config', file, '--data-dir', folder.path])
  const [, port = '', http = ''] = await hawser.prints(ready)
  const token = (await readFile(join(folder.path, 'token'), 'utf8')).trim()
  return {
    hawser,
    port,
    http,
    folder: folder.path,
    write: (next) => writeFile(file, next),
    async reload() {
      const headers = { authorization: `Bearer ${token}` }
      const response = await fetch(`${http}/api/v1/reload`, { method: 'POST', headers })
      return { status: response.status, text: await response.text() }
    },
    async [Symbol.asyncDispose]() {
      await hawser[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const reasonOf = (error: unknown): number => (error as { code: number }).code

describe('a reload', () => {
  it('by SIGHUP withdraws a right and lowers a limit while the client stays', async () => {
    await using running = await start(configuration('#', '{ subscriptions_per_session_max: 2 }'))
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${running.port}`, {
      protocolVersion: 5,
      reconnectPeriod: 0,
    })
    let closed = false
    client.on('close', () => {
      closed = true
    })
    await client.publishAsync('b', 'x', { qos: 1 })
    await client.subscribeAsync('a/1')
    await running.write(configuration('a/#', '{ subscriptions_per_session_max: 1 }'))
    running.hawser.kill('SIGHUP')
    await running.hawser.prints(/configuration reloaded: .*/)
    const refused = await client.publishAsync('b', 'x', { qos: 1 }).then(() => 0, reasonOf)
    assert.equal(refused, 0x87)
    await client.publishAsync('a/2', 'x', { qos: 1 })
    await assert.rejects(client.subscribeAsync('a/2'), /quota exceeded/i)
    assert.equal(closed, false)
    await client.endAsync()
  })

  it('of a bad configuration leaves the old one in force, and says why by line', async () => {
    await using running = await start(configuration('a/#', '{ connections_max: 5 }'))
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${running.port}`, { protocolVersion: 5 })
    await running.write(configuration('#', '{ connections_mux: 5 }'))
    const answer = await running.reload()
    assert.equal(answer.status, 400)
    assert.match(
      answer.text,
      /the old configuration stays in force: .*hawser\.yaml:5: unknown key \\"connections_mux\\"/,
    )
    await running.hawser.prints(/the old configuration stays in force: .*hawser\.yaml:5: unknown key "connections_mux"/)
    assert.equal(await client.publishAsync('b', 'x', { qos: 1 }).then(() => 0, reasonOf), 0x87)
    await client.publishAsync('a/1', 'x', { qos: 1 })
    await client.endAsync()
  })

  it('by REST says what is in force now, and what takes a restart', async () => {
    await using running = await start(configuration('a/#', '{ connections_max: 5 }'))
    await running.write(`${configuration('#', '{ connections_max: 6 }')}log: { retention_hours: 5 }\n`)
    const answer = await running.reload()
    assert.equal(answer.status, 200)
    assert.deepEqual(JSON.parse(answer.text), {
      changed: ['limits.connections_max', 'acl.rules'],
      needsRestart: ['log.retention_hours'],
      faults: [],
    })
    const metrics = await (await fetch(`${running.http}/metrics`)).text()
    assert.match(metrics, /^hawser_\w*limit\w*\{\w+="connections_max"\} 6$/m)
  })

  it('changes what of MQTT is offered to connections to come; those that are here keep what they were told', async () => {
    await using running = await start(configuration('a/#', '{ connections_max: 5 }'))
    const connect = () => mqtt.connectAsync(`mqtt://127.0.0.1:${running.port}`, { protocolVersion: 5 })
    const before = await connect()
    await running.write(`${configuration('a/#', '{ connections_max: 5 }')}mqtt: { qos_max: 0 }\n`)
    assert.deepEqual(JSON.parse((await running.reload()).text).changed, ['mqtt.qos_max'])
    const after = await connect()
    const grantOf = async (client: mqtt.MqttClient) => (await client.subscribeAsync('a/1', { qos: 1 }))[0]?.qos
    assert.equal(await grantOf(before), 1)
    assert.equal(await grantOf(after), 0)
    await running.write(configuration('a/#', '{ connections_max: 5 }'))
    await running.reload()
    const last = await connect()
    assert.equal(await grantOf(last), 1)
    for (const client of [before, after, last]) await client.endAsync()
  })
})

describe('hawser ban', () => {
  it('adds, lists and removes bans of a running broker', async () => {
    await using running = await start('auth: { chain: [anonymous] }\n')
    const where = ['--url', running.http, '--data-dir', running.folder]
    const url = `mqtt://127.0.0.1:${running.port}`
    const client = await mqtt.connectAsync(url, { clientId: 'pump', protocolVersion: 5, reconnectPeriod: 0 })
    const left = new Promise<number | undefined>((resolve) =>
      client.on('disconnect', (packet) => resolve(packet.reasonCode)),
    )
    const added = await runHawserProcess(['ban', 'add', '--client-id', 'pump', '--reason', 'noise', ...where])
    assert.equal(added.code, 0, added.stderr)
    assert.equal(await left, 0x98)
    await assert.rejects(mqtt.connectAsync(url, { clientId: 'pump', protocolVersion: 5, reconnectPeriod: 0 }), {
      code: 0x8a,
    })
    const listed = await runHawserProcess(['ban', 'list', ...where])
    assert.match(listed.stdout, /client-id pump +until removed, by operator: noise/)
    assert.equal((await runHawserProcess(['ban', 'remove', '--client-id', 'pump', ...where])).code, 0)
    const again = await mqtt.connectAsync(url, { clientId: 'pump', protocolVersion: 5 })
    await again.endAsync()
    const gone = await runHawserProcess(['ban', 'remove', '--client-id', 'pump', ...where])
    assert.notEqual(gone.code, 0)
    assert.match(gone.stderr, /there is no ban of client-id pump/)
    const noAddress = await runHawserProcess(['ban', 'add', '--address', 'example.org', ...where])
    assert.equal(noAddress.code, 2)
  })
})
