import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import net from 'node:net'
import { describe, it } from 'node:test'
import { HawserError } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { connectAsync, connect as connectNow, type IClientOptions, type MqttClient } from 'mqtt'
import { type Broker, createBroker, type EmbedOptions } from './mod.ts'

const listeners = [{ protocol: 'mqtt', name: 'mqtt', host: '127.0.0.1', port: 0 }] as const

const embedded = (options: EmbedOptions = {}): Promise<Broker> => createBroker({ listeners, ...options })

const connect = (broker: Broker, options: IClientOptions = {}): Promise<MqttClient> =>
  connectAsync(`mqtt://127.0.0.1:${broker.listeners[0]?.port}`, { protocolVersion: 5, reconnectPeriod: 0, ...options })

/** Whether a WebSocket opens there, by the client that Node brings along. */
function upgrades(url: string): Promise<boolean> {
  const socket = new WebSocket(url, 'mqtt')
  return new Promise((resolve) => {
    socket.onopen = () => resolve(true)
    socket.onerror = () => resolve(false)
  })
}

async function codeOf(attempt: Promise<unknown>): Promise<unknown> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof Error && 'code' in error ? error.code : undefined
}

describe('an embedded broker', () => {
  it('lets in whom its program lets in, and as whom', async () => {
    await using broker = await embedded({
      hooks: {
        authenticate: async ({ username }) => (username === 'ann' ? { username: 'Ann', roles: ['admin'] } : false),
        authorize: ({ username, roles }, action, topic) =>
          action !== 'publish' || (username === 'Ann' && roles.includes('admin') && topic === 'ok'),
      },
    })
    assert.equal(await codeOf(connect(broker, { username: 'bob', password: 'x' })), 0x86)
    const ann = await connect(broker, { username: 'ann', password: 'x' })
    await ann.publishAsync('ok', 'x', { qos: 1 })
    assert.equal(await codeOf(ann.publishAsync('other', 'x', { qos: 1 })), 0x87)
    await ann.endAsync()
  })

  it('refuses, drops and lets through what its publish hook says, at every QoS', async () => {
    await using broker = await embedded({
      hooks: {
        publish: ({ topic, payload }, { clientId }) => {
          assert.equal(clientId, 'publisher')
          if (topic === 'no') return { kind: 'refuse', reasonCode: 0x83 }
          return String(payload) === 'drop' ? { kind: 'drop' } : { kind: 'accept' }
        },
      },
    })
    using received = broker.subscribe('#')
    const client = await connect(broker, { clientId: 'publisher' })
    for (const qos of [0, 1, 2] as const) {
      await client.publishAsync('yes', 'drop', { qos })
      await client.publishAsync('yes', `pass ${qos}`, { qos })
      if (qos > 0) assert.equal(await codeOf(client.publishAsync('no', 'x', { qos })), 0x83)
    }
    const got: string[] = []
    for await (const { payload } of received) if (got.push(String(payload)) === 3) break
    assert.deepEqual(got, ['pass 0', 'pass 1', 'pass 2'])
    const { counters } = broker.stats()
    assert.equal(counters.dropped.hook, 5)
    assert.equal(counters.refused['publish-by-hook'], 2)
    await client.endAsync()
  })

  it('lowers or refuses a subscription as its hook says', async () => {
    await using broker = await embedded({
      hooks: {
        subscribe: ({ filter }) =>
          filter === 'no' ? { kind: 'refuse', reasonCode: 0x97 } : { kind: 'accept', qosMax: 1 },
      },
    })
    const client = await connect(broker)
    assert.equal((await client.subscribeAsync('a', { qos: 2 }))[0]?.qos, 1)
    assert.equal((await client.subscribeAsync('b', { qos: 0 }))[0]?.qos, 0)
    await assert.rejects(client.subscribeAsync('no'))
    await client.endAsync()
  })

  it('tells what happens to clients and sessions', async () => {
    const seen: string[] = []
    await using broker = await embedded({
      hooks: {
        event: (event) => {
          seen.push('client' in event ? `${event.kind} ${event.client.clientId}` : event.kind)
          throw new Error('a listener that throws disturbs nobody')
        },
      },
      onFault: () => undefined,
    })
    const client = await connect(broker, { clientId: 'c' })
    await client.subscribeAsync('t')
    await client.unsubscribeAsync('t')
    const ended = new Promise<void>((resolve) => {
      broker.onEvent(({ kind }) => kind === 'session-ended' && resolve())
    })
    await client.endAsync()
    await ended
    assert.deepEqual(seen, ['connected c', 'subscribed c', 'unsubscribed c', 'disconnected c', 'session-ended'])
  })

  it('keeps in its folder what it acknowledged, and refuses a folder in use', async () => {
    await using folder = await temporaryFolder()
    const away = { clientId: 'away', clean: false, properties: { sessionExpiryInterval: 60 } }
    {
      await using broker = await embedded({ dataDir: folder.path })
      await assert.rejects(embedded({ dataDir: folder.path }), { code: 'DATA_DIR_IN_USE' })
      const client = await connect(broker, away)
      await client.subscribeAsync('t', { qos: 1 })
      await client.endAsync()
      assert.equal(await broker.publish({ topic: 't', payload: Buffer.from('kept'), qos: 1 }), true)
    }
    await using broker = await embedded({ dataDir: folder.path })
    const client = connectNow(`mqtt://127.0.0.1:${broker.listeners[0]?.port}`, { protocolVersion: 5, ...away })
    const got = new Promise((resolve) => client.on('message', (_, payload) => resolve(String(payload))))
    assert.equal(await got, 'kept')
    await client.endAsync()
  })

  it('leaves nothing open where its start fails', async () => {
    await using folder = await temporaryFolder()
    const server = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as net.AddressInfo
    const taken = [{ protocol: 'mqtt', name: 'mqtt', host: '127.0.0.1', port }] as const
    await assert.rejects(embedded({ dataDir: folder.path, listeners: taken }), (error) => {
      return error instanceof HawserError && error.code === 'PORT_IN_USE'
    })
    server.close()
    await using broker = await embedded({ dataDir: folder.path })
    assert.equal(broker.listeners.length, 1)
  })

  it('ends with its signal, and says so to its clients', async () => {
    const stop = new AbortController()
    const broker = await embedded({ signal: stop.signal })
    const client = await connect(broker)
    const reason = new Promise((resolve) => client.on('disconnect', ({ reasonCode }) => resolve(reasonCode)))
    stop.abort()
    assert.equal(await reason, 0x8b)
    await broker[Symbol.asyncDispose]()
    await assert.rejects(embedded({ signal: stop.signal }), { name: 'AbortError' })
  })
})

describe('a server of the program itself', () => {
  it('takes MQTT on one path and leaves the others alone; detached it takes none, and its clients end', async () => {
    const http = createHttpServer((_request, response) => response.end('page')).listen(0, '127.0.0.1')
    http.on('upgrade', ({ url }, socket) => url === '/other' && socket.end('HTTP/1.1 418 I am a teapot\r\n\r\n'))
    await once(http, 'listening')
    const { port } = http.address() as net.AddressInfo
    await using broker = await createBroker()
    const attached = broker.attach(http, { name: 'web', path: '/mqtt', connectionsMax: 1 })
    const url = `ws://127.0.0.1:${port}/mqtt`
    const client = await connectAsync(url, { reconnectPeriod: 0 })
    assert.deepEqual(
      [...broker.clients()].map(({ listener }) => listener),
      ['web'],
    )
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'page')
    assert.equal(await upgrades(url), false, 'a second one is too many')
    assert.equal(await upgrades(`ws://127.0.0.1:${port}/other`), false)
    const closed = once(client.stream, 'close')
    attached[Symbol.dispose]()
    await closed
    http.on('upgrade', (_request, socket) => socket.destroy())
    assert.equal(await upgrades(url), false)
    http.closeAllConnections()
    http.close()
  })

  it('may be a TCP server', async () => {
    const tcp = net.createServer().listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    await using broker = await createBroker()
    broker.attach(tcp, { name: 'tcp' })
    using received = broker.subscribe('#')
    const client = await connectAsync(`mqtt://127.0.0.1:${(tcp.address() as net.AddressInfo).port}`)
    await client.publishAsync('t', 'x'.repeat(100_000), { qos: 1 })
    for await (const { topic, payload } of received) {
      assert.deepEqual([topic, payload.length], ['t', 100_000])
      break
    }
    await client.endAsync()
    tcp.close()
  })
})

describe('a subscription of the program itself', () => {
  it('is bounded: the oldest goes, and is counted', async () => {
    await using broker = await embedded()
    using slow = broker.subscribe('t', { queueMessagesMax: 2 })
    for (const n of [1, 2, 3, 4]) await broker.publish({ topic: 't', payload: Buffer.from(`${n}`) })
    assert.equal(slow.dropped, 2)
    const got: string[] = []
    for await (const { payload } of slow) if (got.push(String(payload)) === 2) break
    assert.deepEqual(got, ['3', '4'])
  })

  it('ends with its signal, after what had come', async () => {
    await using broker = await embedded()
    const stop = new AbortController()
    const subscription = broker.subscribe('t', { signal: stop.signal })
    await broker.publish({ topic: 't', payload: Buffer.from('last') })
    stop.abort()
    await broker.publish({ topic: 't', payload: Buffer.from('too late') })
    const got: string[] = []
    for await (const { payload } of subscription) got.push(String(payload))
    assert.deepEqual(got, ['last'])
  })
})
