import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { AdminClient, api, apiErrorSchema, type Route } from '@hawser/admin'
import { HawserError } from '@hawser/std'
import { testConsole, testToken } from '../testing/test-console.ts'

async function refusedAs(response: Response, status: number, code: string): Promise<void> {
  assert.equal(response.status, status)
  assert.equal(apiErrorSchema.parse(await response.json()).error.code, code)
}

describe('REST', () => {
  it('answers every reading route under both its addresses, as its schema says', async () => {
    await using harness = await testConsole()
    const queries: Record<string, string> = { machineHistory: '?machine=MACHINE_001' }
    for (const [name, route] of Object.entries<Route>(api)) {
      if (route.method !== 'GET') continue
      for (const path of [route.path, ...(route.alias === undefined ? [] : [route.alias])]) {
        const response = await harness.get(path.replace(':name', 'postgres') + (queries[name] ?? ''))
        assert.ok(response.ok || response.status === route.negative, `${path} answered ${response.status}`)
        assert.equal(response.headers.get('cache-control'), 'no-store')
        route.response.parse(await response.json())
      }
    }
    assert.deepEqual(harness.reported, [])
  })

  it('is healthy while all parts are, and names the one that is not', async () => {
    await using harness = await testConsole()
    assert.equal((await harness.get('/health')).status, 200)
    const [, logger] = harness.source.connectors
    assert.ok(logger)
    logger.state = 'failed'
    const response = await harness.get('/health')
    assert.equal(response.status, 503)
    const { checks } = api.health.response.parse(await response.json())
    assert.deepEqual(
      checks.filter(({ ok }) => !ok).map(({ part }) => part),
      ['connector:logger'],
    )
    assert.equal((await harness.get('/ready')).status, 200, 'a sink that is down does not keep clients away')
  })

  it('says so while the broker cannot be read, and stays alive', async () => {
    await using harness = await testConsole()
    harness.source.failure = 'the broker is starting again'
    assert.equal((await harness.get('/health')).status, 503)
    assert.equal((await harness.get('/ready')).status, 503)
    assert.equal((await harness.get('/live')).status, 200)
    await refusedAs(await harness.get('/api/v1/snapshot'), 503, 'UNAVAILABLE')
  })

  it('pages and searches clients', async () => {
    await using harness = await testConsole()
    const client = new AdminClient({ baseUrl: harness.server.url })
    const page = await client.call(api.clients, { query: { search: 'machine-00', offset: 95, limit: 10 } })
    assert.equal(page.matching, 99)
    assert.deepEqual(
      page.items.map(({ clientId }) => clientId),
      ['machine-0096', 'machine-0097', 'machine-0098', 'machine-0099'],
    )
    await refusedAs(await harness.get('/clients?limit=100000'), 400, 'INVALID_REQUEST')
    await refusedAs(await harness.get('/clients?offset=x'), 400, 'INVALID_REQUEST')
  })

  it('really opens TCP to each listener', async () => {
    const listening = createServer().listen(0, '127.0.0.1')
    await once(listening, 'listening')
    const { port } = listening.address() as AddressInfo
    await using harness = await testConsole()
    harness.source.mqttPort = port
    assert.equal((await harness.get('/tcp-check')).status, 200)
    listening.close()
    await once(listening, 'close')
    const response = await harness.get('/tcp-check')
    assert.equal(response.status, 503)
    const { listeners } = api.tcpCheck.response.parse(await response.json())
    assert.match(listeners[0]?.error ?? '', /ECONNREFUSED/)
  })

  it('refuses every change without the token, and does it with the token', async () => {
    await using harness = await testConsole()
    const calls: [path: string, body: unknown, status: number][] = [
      ['/api/v1/publish', { topic: 'a/b', payload: 'x' }, 200],
      ['/api/v1/clients/kick', { clientId: 'machine-1' }, 200],
      ['/api/v1/bans/add', { kind: 'address', value: '10.0.0.0/8' }, 200],
      ['/api/v1/bans/remove', { kind: 'address', value: '10.0.0.0/8' }, 200],
      ['/api/v1/traces/start', { clientId: 'machine-1', seconds: 60 }, 200],
      ['/api/v1/traces/read', { id: 'demo', after: 0 }, 200],
      ['/api/v1/traces/stop', { id: 'demo' }, 200],
      ['/api/v1/reload', undefined, 200],
      ['/api/v1/connectors/postgres/pause', undefined, 200],
      ['/api/v1/connectors/postgres/resume', undefined, 200],
      ['/api/v1/connectors/postgres/seek', { to: 'oldest' }, 200],
      ['/api/v1/connectors/postgres/dead-letters/replay', undefined, 200],
      ['/api/v1/drain', { rate: 7 }, 202],
      ['/api/v1/stop', undefined, 202],
    ]
    const changes = Object.values<Route>(api).filter(({ access }) => access === 'change')
    assert.equal(calls.length, changes.length, 'every changing route is tried')
    for (const [path, body] of calls) {
      await refusedAs(await harness.post(path, body, ''), 401, 'TOKEN_NEEDED')
      await refusedAs(await harness.post(path, body, 'wrong'), 401, 'TOKEN_NEEDED')
    }
    assert.deepEqual(harness.source.commands, [])
    for (const [path, body, status] of calls) assert.equal((await harness.post(path, body)).status, status, path)
    assert.deepEqual(harness.source.commands, [
      'publish a/b x',
      'kick machine-1',
      'ban address 10.0.0.0/8',
      'unban address 10.0.0.0/8',
      'trace machine-1',
      'stop trace demo',
      'reload',
      'paused postgres',
      'running postgres',
      'seek postgres oldest',
      'replay postgres',
      'drain 7',
      'stop',
    ])
  })

  it('refuses wrong, unknown and too large bodies', async () => {
    await using harness = await testConsole()
    await refusedAs(await harness.post('/api/v1/publish', { topic: 'a/#', payload: '' }), 400, 'INVALID_REQUEST')
    await refusedAs(await harness.post('/api/v1/publish', { topic: 'a', payload: '', qos: 3 }), 400, 'INVALID_REQUEST')
    await refusedAs(
      await harness.post('/api/v1/publish', { topic: 'a', payload: 'x'.repeat(300_000) }),
      413,
      'TOO_LARGE',
    )
    assert.deepEqual(harness.source.commands, [])
  })

  it('shows connectors and their dead letters, and refuses a place that is none or two', async () => {
    await using harness = await testConsole()
    const { connectors } = api.connectors.response.parse(await (await harness.get('/api/v1/connectors')).json())
    assert.deepEqual(
      connectors.map(({ name }) => name),
      ['postgres', 'logger'],
    )
    const response = await harness.get('/api/v1/connectors/logger/dead-letters?limit=1')
    const { deadLetters } = api.deadLetters.response.parse(await response.json())
    assert.deepEqual(deadLetters, [{ eventId: 'log-7f3a/0/17', topic: 'factory/line', reason: 'too-large' }])
    const dry = await harness.get('/api/v1/connectors/logger/dry-run?limit=1')
    const { messages } = api.dryRunConnector.response.parse(await dry.json())
    assert.deepEqual([messages.length, messages[0]?.route], [1, 'hot'])
    await refusedAs(await harness.get('/api/v1/connectors/logger/dry-run?limit=101'), 400, 'INVALID_REQUEST')
    const seek = '/api/v1/connectors/postgres/seek'
    for (const body of [{}, { to: 'oldest', time: '2026-01-01T00:00:00Z' }, { to: 'middle' }, { positions: [] }]) {
      await refusedAs(await harness.post(seek, body), 400, 'INVALID_REQUEST')
    }
    assert.deepEqual(harness.source.commands, [])
    await refusedAs(await harness.post(seek, { time: '2026-01-01T00:00:00Z' }), 400, 'INVALID_REQUEST')
  })

  it('refuses a ban of what is no address, and a bad configuration by what is wrong with it', async () => {
    await using harness = await testConsole()
    const noAddress = { kind: 'address', value: 'example.org' }
    for (const path of ['/api/v1/bans/add', '/api/v1/bans/remove']) {
      await refusedAs(await harness.post(path, noAddress), 400, 'INVALID_REQUEST')
    }
    harness.source.failure = 'h.yaml:3: unknown key "prot"'
    const response = await harness.post('/api/v1/reload')
    assert.equal(response.status, 400)
    assert.match(await response.text(), /stays in force: h\.yaml:3/)
  })

  it('says what is not there', async () => {
    await using harness = await testConsole()
    await refusedAs(await harness.post('/api/v1/clients/kick', { clientId: 'nobody' }), 404, 'NOT_FOUND')
    await refusedAs(await harness.post('/api/v1/bans/remove', { kind: 'username', value: 'x' }), 404, 'NOT_FOUND')
    await refusedAs(await harness.post('/api/v1/connectors/none/pause'), 404, 'NOT_FOUND')
    await refusedAs(await harness.post('/api/v1/connectors/none/seek', { to: 'newest' }), 404, 'NOT_FOUND')
    await refusedAs(await harness.post('/api/v1/connectors/none/dead-letters/replay'), 404, 'NOT_FOUND')
    await refusedAs(await harness.get('/api/v1/connectors/none/dead-letters'), 404, 'NOT_FOUND')
    await refusedAs(await harness.get('/api/v1/connectors/none/dry-run'), 404, 'NOT_FOUND')
    await refusedAs(await harness.get('/api/v1/nothing'), 404, 'NOT_FOUND')
    await refusedAs(await harness.get('/api/v1/machines/history?machine=none'), 404, 'NOT_FOUND')
  })

  it('refuses a foreign Host and a foreign Origin on every path', async () => {
    await using harness = await testConsole()
    for (const path of ['/', '/health', '/metrics', '/api/v1/snapshot', '/api/openapi.json', '/nothing']) {
      assert.equal(await statusWith(harness.server.port, path, { host: 'evil.example' }), 403, path)
      await refusedAs(await harness.get(path, { headers: { origin: 'http://evil.example' } }), 403, 'FOREIGN_ORIGIN')
    }
    const own = await harness.get('/health', { headers: { origin: harness.server.url } })
    assert.equal(own.status, 200)
    assert.match(own.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.equal(own.headers.get('access-control-allow-origin'), null)
  })

  it('needs the token for reading where reading is not open; probes and metrics stay open', async () => {
    await using harness = await testConsole({ openReading: false })
    await refusedAs(await harness.get('/clients'), 401, 'TOKEN_NEEDED')
    await refusedAs(await harness.get('/api/v1/snapshot'), 401, 'TOKEN_NEEDED')
    for (const path of ['/health', '/live', '/ready', '/metrics']) assert.equal((await harness.get(path)).status, 200)
    const client = new AdminClient({ baseUrl: harness.server.url, token: testToken })
    assert.equal((await client.call(api.clients, { query: {} })).total, 137)
  })

  it('hides what an unforeseen failure says, and reports it', async () => {
    await using harness = await testConsole()
    harness.source.snapshot = () => Promise.reject(new Error('password=hunter2'))
    const response = await harness.get('/api/v1/snapshot')
    assert.equal(response.status, 500)
    assert.doesNotMatch(await response.text(), /hunter2/)
    assert.match(String(harness.reported.at(-1)), /hunter2/)
  })
})

describe('admin client', () => {
  it('resolves a probe that says no', async () => {
    await using harness = await testConsole()
    harness.source.failure = 'gone'
    const health = await new AdminClient({ baseUrl: harness.server.url }).call(api.health)
    assert.equal(health.ok, false)
  })

  it('rejects with what the server said, and with what to do where nothing answers', async () => {
    const harness = await testConsole()
    const client = new AdminClient({ baseUrl: harness.server.url })
    await assert.rejects(client.call(api.stop), (error: unknown) => {
      assert.ok(error instanceof HawserError)
      assert.equal(error.code, 'BROKER_REFUSED')
      assert.match(error.line, /TOKEN_NEEDED.*Authorization/)
      return true
    })
    await harness[Symbol.asyncDispose]()
    await assert.rejects(client.call(api.health), { code: 'BROKER_UNREACHABLE', retryable: true })
  })
})

/** `fetch` sets the Host itself, so this one speaks plain HTTP. */
async function statusWith(port: number, path: string, headers: Record<string, string>): Promise<number | undefined> {
  const sent = request({ host: '127.0.0.1', port, path, headers, agent: false }).end()
  const [response] = await once(sent, 'response')
  response.resume()
  return response.statusCode
}
