import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { before, describe, it } from 'node:test'
import { type Certified, makeAuthority } from '../../../../test/support/certificates.ts'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { connectMqtt, echoes, listenerOf } from '../testing/connect-mqtt.ts'
import { RawClient } from '../testing/raw-client.ts'
import { startRelay } from '../testing/relay.ts'
import type { ListenerOptions, ProxyProtocolOptions } from './listener-options.ts'

const at = { host: '127.0.0.1', port: 0 } as const
const signature = '0d0a0d0a000d0a515549540a'
const proxied = Buffer.from(`${signature}2111000cc0000201c0000202d431075b`, 'hex')
const local = Buffer.from(`${signature}20000000`, 'hex')
const text = Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 54321 1883\r\n')
const connectPacket = Buffer.from('100d00044d51545404020000000161', 'hex')

let server: Certified
before(async () => {
  server = await (await makeAuthority()).issue('CN=broker', { hosts: ['127.0.0.1'] })
})

const listeners = (proxyProtocol: ProxyProtocolOptions): readonly ListenerOptions[] => [
  { protocol: 'mqtt', name: 'mqtt', ...at, proxyProtocol },
  { protocol: 'mqtts', name: 'mqtts', ...at, proxyProtocol, tls: server },
  { protocol: 'ws', name: 'ws', ...at, proxyProtocol },
  { protocol: 'wss', name: 'wss', ...at, proxyProtocol, tls: server },
]
const trusting = (further: Partial<ProxyProtocolOptions> = {}): ProxyProtocolOptions => ({
  trusted: ['127.0.0.1'],
  ...further,
})

describe('PROXY protocol', () => {
  for (const door of ['mqtt', 'mqtts', 'ws', 'wss'] as const) {
    for (const [version, header] of [
      ['1', text],
      ['2', proxied],
    ] as const) {
      for (const byteByByte of [false, true]) {
        it(`stands in front of ${door}, version ${version}${byteByByte ? ', byte by byte' : ''}`, async () => {
          await using under = await brokerUnderTest({ listeners: listeners(trusting()) })
          const listener = listenerOf(under.broker, door)
          await using relay = await startRelay(listener.port, header, '127.0.0.1', byteByByte)
          await using client = await connectMqtt({ ...listener, port: relay.port }, { rejectUnauthorized: false })
          await echoes(client)
          assert.deepEqual(
            [...under.broker.clients()].map(({ address }) => address),
            ['192.0.2.1:54321'],
          )
        })
      }
    }
  }

  it('lets the client speak in the segment of the header', async () => {
    await using under = await brokerUnderTest({ listeners: listeners(trusting()) })
    const socket = net.connect(listenerOf(under.broker, 'mqtt').port, '127.0.0.1')
    socket.write(Buffer.concat([proxied, connectPacket, Buffer.of(0xc0, 0)]))
    await receives(socket, '20020000d000')
    assert.equal([...under.broker.clients()][0]?.address, '192.0.2.1:54321')
    socket.destroy()
  })

  it('survives health checks, and counts none of them as a client refused', async () => {
    await using under = await brokerUnderTest({ listeners: listeners(trusting()) })
    for (const { port } of under.broker.listeners) {
      for (const end of ['reset', 'close'] as const) {
        const socket = net.connect(port, '127.0.0.1')
        socket.on('error', () => undefined)
        await once(socket, 'connect')
        await new Promise<void>((resolve) => socket.write(local, () => resolve()))
        if (end === 'reset') socket.resetAndDestroy()
        else socket.end()
        await once(socket, 'close')
      }
    }
    const check = net.connect(listenerOf(under.broker, 'mqtt').port, '127.0.0.1')
    check.write(Buffer.concat([local, connectPacket]))
    await receives(check, '20020000')
    assert.match([...under.broker.clients()][0]?.address ?? '', /^127\.0\.0\.1:\d+$/)
    check.resetAndDestroy()
    while (under.broker.listeners.some(({ connections }) => connections > 0)) await nextTurn()
    const { counters } = under.broker.stats()
    assert.deepEqual(
      Object.values(counters.refusedAtDoor).filter((count) => count > 0),
      [],
    )
    assert.equal(counters.connectionsRefused, 0)
  })

  it('is believed of its sources alone: from elsewhere a header is garbage', async () => {
    await using under = await brokerUnderTest({
      listeners: listeners({ trusted: ['127.0.0.8/29', '10.0.0.0/8'], required: false }),
    })
    const { port } = listenerOf(under.broker, 'mqtt')
    await using stranger = await startRelay(port, proxied, '127.0.0.1')
    await assert.rejects(RawClient.connect(stranger.port), /closed/)
    await using proxy = await startRelay(port, proxied, '127.0.0.9')
    await using client = await RawClient.connect(proxy.port, { clientId: 'behind' })
    await client.untilPong()
    // Who comes without one is a client like any other.
    await using direct = await RawClient.connect(port, { clientId: 'direct' })
    await direct.untilPong()
    await using trusted = await startRelay(port, Buffer.alloc(0), '127.0.0.9')
    await using bare = await RawClient.connect(trusted.port, { clientId: 'bare' })
    await bare.untilPong()
    const addresses = [...under.broker.clients()].map(({ clientId, address }) => `${clientId} ${address}`)
    assert.equal(addresses[0], 'behind 192.0.2.1:54321')
    assert.match(addresses[1] ?? '', /^direct 127\.0\.0\.1:/)
    assert.match(addresses[2] ?? '', /^bare 127\.0\.0\.9:/)
  })

  it('lets nobody in without a header where it is required', async () => {
    await using under = await brokerUnderTest({ listeners: listeners({ trusted: ['127.0.0.9'] }) })
    const { port } = listenerOf(under.broker, 'mqtt')
    await assert.rejects(RawClient.connect(port), /closed/)
    await using trusted = await startRelay(port, Buffer.alloc(0), '127.0.0.9')
    await assert.rejects(RawClient.connect(trusted.port), /closed/)
    await using broken = await startRelay(port, Buffer.from('PROXY TCP4 here there 1 2\r\n'), '127.0.0.9')
    await assert.rejects(RawClient.connect(broken.port), /closed/)
    assert.equal(under.broker.stats().counters.refusedAtDoor['proxy-header'], 3)
  })

  it('refuses a source that is no address', async () => {
    for (const source of ['proxy.example', '10.0.0.0/33', '10.0.0.0/', '::/129', '1.2.3.4/8/8']) {
      const opening = brokerUnderTest({ listeners: listeners({ trusted: [source] }) })
      await assert.rejects(opening, { code: 'CONFIG_INVALID', message: /is no address of a proxy/ }, source)
    }
  })
})

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function receives(socket: net.Socket, hex: string): Promise<void> {
  let come = ''
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
    come += (bytes as Buffer).toString('hex')
    if (come.length >= hex.length) break
  }
  assert.equal(come, hex)
}
