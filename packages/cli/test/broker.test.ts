import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt from 'mqtt'
import { runHawserProcess, startHawser } from '../src/testing/running-hawser.ts'

const anyPorts = ['--port', '0', '--ws-port', '0']
const ready = /^hawser broker ready: mqtt:\/\/localhost:(\d+) ws:\/\/localhost:(\d+) durability=(\w+)$/m

describe('hawser broker', () => {
  it('says in one line when it is ready, serves, and ends with 0 within 5 s of SIGTERM', async () => {
    await using folder = await temporaryFolder()
    await using broker = startHawser(['broker', ...anyPorts, '--data-dir', folder.path])
    const [, port, wsPort] = await broker.prints(ready)
    for (const url of [`mqtt://127.0.0.1:${port}`, `ws://127.0.0.1:${wsPort}/mqtt`]) {
      const client = await mqtt.connectAsync(url)
      await client.publishAsync('a', 'b', { qos: 1 })
      await client.endAsync()
    }
    const askedMs = systemClock.monotonicMs()
    broker.kill('SIGTERM')
    const { code, stdout, stderr } = await broker.ended
    assert.equal(code, 0, stderr)
    assert.ok(systemClock.monotonicMs() - askedMs < 5_000)
    assert.equal(stdout.trimEnd().split('\n').length, 1)
  })

  it('keeps what it acknowledged through SIGKILL', async () => {
    await using folder = await temporaryFolder()
    const args = ['broker', ...anyPorts, '--data-dir', folder.path]
    {
      await using first = startHawser(args)
      const [, port] = await first.prints(ready)
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`)
      await client.publishAsync('kept', 'yes', { qos: 1, retain: true })
      first.kill('SIGKILL')
      await first.ended
      client.end(true)
    }
    await using second = startHawser(args)
    const [, port] = await second.prints(ready)
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`)
    const message = once(client, 'message')
    await client.subscribeAsync('kept')
    assert.equal(String((await message)[1]), 'yes')
    await client.endAsync()
  })

  it('shows health, metrics and clients over HTTP where it is asked to, and stops when it is told', async () => {
    await using folder = await temporaryFolder()
    const broker = startHawser(['broker', ...anyPorts, '--http-port', '0', '--data-dir', folder.path])
    await using _ended = broker
    const [, port, http] = await broker.prints(/mqtt:\/\/localhost:(\d+) ws:\S+ (http:\/\/\S+) durability=disk$/m)
    for (const path of ['/live', '/ready', '/health']) assert.equal((await fetch(`${http}${path}`)).status, 200)
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'seen' })
    const page = (await (await fetch(`${http}/clients`)).json()) as { items: { clientId: string }[] }
    assert.deepEqual(
      page.items.map(({ clientId }) => clientId),
      ['seen'],
    )
    const metrics = await (await fetch(`${http}/metrics`)).text()
    assert.match(metrics, /^hawser_broker_reason_codes_sent_total\{packet="connack",reason="success"\} 1$/m)
    assert.match(metrics, /^hawser_broker_authentications_total\{result="accepted"\} 1$/m)
    assert.match(metrics, /^hawser_broker_latency_seconds_count\{step="connect"\} 1$/m)
    await client.endAsync()
    const token = (await readFile(join(folder.path, 'token'), 'utf8')).trim()
    const headers = { authorization: `Bearer ${token}` }
    assert.equal((await fetch(`${http}/api/v1/stop`, { method: 'POST' })).status, 401)
    assert.equal((await fetch(`${http}/api/v1/stop`, { method: 'POST', headers })).status, 202)
    assert.equal((await broker.ended).code, 0)
  })

  it('shows the packets of one client to hawser trace', async () => {
    await using folder = await temporaryFolder()
    await using broker = startHawser(['broker', ...anyPorts, '--http-port', '0', '--data-dir', folder.path])
    const [, port, http] = await broker.prints(/mqtt:\/\/localhost:(\d+) ws:\S+ http:\/\/\S+:(\d+) durability/)
    const rest = ['--http-port', `${http}`, '--data-dir', folder.path]
    await using trace = startHawser(['trace', '--client-id', 'pump', ...rest])
    const url = `mqtt://localhost:${port}`
    const other = await mqtt.connectAsync(url, { clientId: 'other' })
    // Again until the trace has begun.
    let seen = false
    const printed = trace.prints(/→ pump PUBLISH topic=from\/pump qos=1 payloadBytes=6 .*packetId=/).finally(() => {
      seen = true
    })
    while (!seen) {
      const pump = await mqtt.connectAsync(url, { clientId: 'pump' })
      await other.publishAsync('from/other', 'other', { qos: 1 })
      await pump.publishAsync('from/pump', 'secret', { qos: 1 })
      await pump.endAsync()
    }
    await printed
    trace.kill('SIGINT')
    const { stdout } = await trace.ended
    assert.doesNotMatch(stdout, /secret|other/)
    await other.endAsync()
    const refused = await runHawserProcess(['trace', ...rest])
    assert.equal(refused.code, 2)
    assert.match(
      refused.stderr,
      /^hawser: a trace of everything is too much; give --client-id, --address or --topic\n$/,
    )
  })

  it('offers what of MQTT its configuration says', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, `data_dir: ${folder.path}\nmqtt: { accept_versions: [5], qos_max: 1 }\n`)
    await using broker = startHawser(['broker', ...anyPorts, '--config', file])
    const [, port] = await broker.prints(ready)
    const url = `mqtt://127.0.0.1:${port}`
    await assert.rejects(mqtt.connectAsync(url, { protocolVersion: 4 }), /Unacceptable protocol version/)
    const client = await mqtt.connectAsync(url, { protocolVersion: 5 })
    const [granted] = await client.subscribeAsync('a', { qos: 2 })
    assert.equal(granted?.qos, 1)
    await client.endAsync()
  })

  it('names the port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const args = ['broker', '--port', String(port), '--ws-port', '0', '--durability', 'memory']
    const { code, stderr } = await runHawserProcess(args)
    server.close()
    assert.equal(code, 4)
    assert.match(stderr, new RegExp(`^hawser: port ${port} on 127\\.0\\.0\\.1 is in use; [^\\n]+\\n$`))
  })

  it('does not open itself to the network unless it is said', async () => {
    const { code, stderr } = await runHawserProcess(['broker', ...anyPorts, '--host', '0.0.0.0'])
    assert.equal(code, 3)
    assert.match(stderr, /^hawser: 0\.0\.0\.0 can be reached by others .*--allow-anonymous/)
    const open = ['broker', ...anyPorts, '--host', '0.0.0.0', '--allow-anonymous', '--durability', 'memory']
    await using broker = startHawser(open)
    await broker.prints(/^hawser broker ready: mqtt:\/\/0\.0\.0\.0:/)
  })

  it('leaves a data folder to the Hawser that owns it', async () => {
    await using folder = await temporaryFolder()
    await using first = startHawser(['broker', ...anyPorts, '--data-dir', folder.path])
    await first.prints(ready)
    const second = await runHawserProcess(['broker', ...anyPorts, '--data-dir', folder.path])
    assert.equal(second.code, 5)
    assert.match(second.stderr, new RegExp(`is in use by the Hawser with pid ${first.pid}; `))
  })
})
