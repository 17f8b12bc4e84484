import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import net from 'node:net'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { WebSocket } from 'ws'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { connectMqtt, echoes, listenerOf } from '../testing/connect-mqtt.ts'
import type { ListenerOptions, WebSocketOptions } from './listener-options.ts'

const at = { host: '127.0.0.1', port: 0 } as const
const connectPacket = Buffer.from('100d00044d51545404020000000161', 'hex')
const connack = '20020000'
const pings = Buffer.from('c000c000', 'hex')

const door = (websocket?: WebSocketOptions, further: Partial<ListenerOptions> = {}) =>
  brokerUnderTest({
    listeners: [{ protocol: 'ws', name: 'ws', ...at, ...(websocket && { websocket }), ...further } as ListenerOptions],
  })

const portOf = ({ broker }: BrokerUnderTest): number => listenerOf(broker, 'ws').port
const refused = ({ broker }: BrokerUnderTest) => broker.stats().counters.refusedAtDoor

/** The status that an upgrade is refused with; 101 where it is not. */
async function statusOf(port: number, path = '/', protocol = 'mqtt', origin?: string): Promise<number | undefined> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol, origin === undefined ? {} : { origin })
  socket.on('error', () => undefined)
  const [event] = await Promise.race([
    once(socket, 'open').then(() => [101]),
    once(socket, 'unexpected-response').then(([, response]) => [(response as IncomingMessage).statusCode]),
  ])
  socket.terminate()
  return event
}

/** A client that writes its frames by hand; what the server sends comes as hexadecimal. */
async function bare(port: number): Promise<{ socket: net.Socket; come(hex: string): Promise<void> }> {
  const socket = net.connect(port, '127.0.0.1')
  const lines = ['GET / HTTP/1.1', 'Host: here', 'Upgrade: websocket', 'Connection: Upgrade']
  lines.push('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Protocol: mqtt')
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  let text = ''
  while (!text.includes('\r\n\r\n')) text += String((await once(socket, 'data'))[0])
  // The example of RFC 6455.
  assert.match(text, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/)
  let come = ''
  const waiting = new Set<() => void>()
  const look = (): void => {
    for (const check of waiting) check()
  }
  socket.on('data', (bytes) => {
    come += bytes.toString('hex')
    look()
  })
  socket.on('close', look)
  socket.on('error', () => undefined)
  return {
    socket,
    come: (hex) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (come.includes(hex)) resolve()
          else if (socket.closed) reject(new Error(`closed after ${come}`))
          else return
          waiting.delete(check)
        }
        waiting.add(check)
        check()
      }),
  }
}

const mask = [0x11, 0x22, 0x33, 0x44]

function frame(first: number, payload: Buffer, masked = true): Buffer {
  const { length } = payload
  const long = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 255] : undefined
  const wide = Buffer.alloc(9)
  wide[0] = 127
  wide.writeUInt32BE(length, 5)
  const size = long === undefined ? wide : Buffer.from(long)
  if (!masked) return Buffer.concat([Buffer.of(first), size, payload])
  size[0] = (size[0] ?? 0) | 0x80
  const hidden = payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0))
  return Buffer.concat([Buffer.of(first), size, Buffer.from(mask), hidden])
}

describe('WebSocket', () => {
  it('answers the path that it is told, from origins that it is told, and MQTT alone', async () => {
    await using under = await door({ path: '/mqtt', origins: ['https://shop.example'] })
    const port = portOf(under)
    assert.equal(await statusOf(port, '/mqtt'), 101)
    assert.equal(await statusOf(port, '/mqtt?token=1', 'mqttv3.1'), 101)
    assert.equal(await statusOf(port, '/mqtt', 'mqtt', 'https://shop.example'), 101)
    assert.equal(await statusOf(port, '/'), 404)
    assert.equal(await statusOf(port, '/mqtt/'), 404)
    assert.equal(await statusOf(port, '/mqtt', 'chat'), 400)
    assert.equal(await statusOf(port, '/mqtt', 'mqtt', 'https://evil.example'), 403)
    assert.deepEqual([refused(under)['websocket-request'], refused(under)['websocket-origin']], [3, 1])
    await using open = await door({ origins: ['*'] })
    assert.equal(await statusOf(portOf(open), '/', 'mqtt', 'https://evil.example'), 101)
  })

  it('tells a browser that comes to look what is spoken here, and closes', async () => {
    await using under = await door()
    const asking = request({ port: portOf(under), host: '127.0.0.1', agent: false })
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    assert.equal(response.statusCode, 426)
    response.resume()
    await once(response, 'close')
    assert.equal(refused(under)['websocket-request'], 1)
  })

  it('takes packets in whatever frames they come', async () => {
    await using under = await door()
    const whole = Buffer.concat([connectPacket, pings])
    const ways: Buffer[] = [
      frame(0x82, whole),
      // One byte a frame.
      Buffer.concat([...whole].map((byte) => frame(0x82, Buffer.of(byte)))),
      // One byte a fragment, with a ping and an empty fragment between.
      Buffer.concat([
        frame(0x02, whole.subarray(0, 1)),
        frame(0x00, Buffer.alloc(0)),
        frame(0x89, Buffer.from('hi')),
        ...[...whole.subarray(1)].map((byte) => frame(0x00, Buffer.of(byte))),
        frame(0x80, Buffer.alloc(0)),
      ]),
    ]
    for (const bytes of ways) {
      for (const split of [false, true]) {
        const client = await bare(portOf(under))
        if (split) for (const byte of bytes) client.socket.write(Buffer.of(byte))
        else client.socket.write(bytes)
        await client.come(connack)
        await client.come('d000')
        client.socket.destroy()
      }
    }
  })

  it('carries frames of every length form', async () => {
    await using under = await door()
    await using client = await connectMqtt(listenerOf(under.broker, 'ws'))
    await echoes(client)
    for (const bytes of [100, 126, 60_000, 70_000, 900_000]) {
      const arrived = new Promise((resolve) => client.client.once('message', (_topic, payload) => resolve(payload)))
      const sent = Buffer.alloc(bytes, bytes & 0xff)
      await client.client.publishAsync('echo', sent, { qos: 1 })
      assert.ok(sent.equals((await arrived) as Buffer), `${bytes} bytes`)
    }
  })

  it('answers a ping with what it holds, and a close with a close', async () => {
    await using under = await door()
    const client = await bare(portOf(under))
    client.socket.write(frame(0x89, Buffer.from('are you there')))
    await client.come(`8a0d${Buffer.from('are you there').toString('hex')}`)
    client.socket.write(frame(0x8a, Buffer.from('unasked')))
    client.socket.write(frame(0x88, Buffer.of(0x03, 0xe8)))
    await client.come('880203e8')
    await once(client.socket, 'close')
  })

  const faults: readonly [name: string, bytes: Buffer, code: number][] = [
    ['text', frame(0x81, Buffer.from('hello')), 1003],
    ['a frame that is not masked', frame(0x82, connectPacket, false), 1002],
    ['a reserved bit', frame(0xc2, connectPacket), 1002],
    ['an unknown opcode', frame(0x83, connectPacket), 1002],
    ['a fragment of nothing', frame(0x80, connectPacket), 1002],
    ['a message within a message', Buffer.concat([frame(0x02, connectPacket), frame(0x82, pings)]), 1002],
    ['a ping in fragments', frame(0x09, Buffer.alloc(0)), 1002],
    ['a ping too long', frame(0x89, Buffer.alloc(126)), 1002],
    ['a frame too long', Buffer.from('82ff00000000ffffffff11223344', 'hex'), 1009],
    ['a frame longer than there are numbers', Buffer.from('82ffffffffffffffffff11223344', 'hex'), 1009],
  ]
  for (const [name, bytes, code] of faults) {
    it(`closes over ${name}, and says ${code}`, async () => {
      await using under = await door()
      const client = await bare(portOf(under))
      if (code !== 1002) client.socket.write(frame(0x82, connectPacket))
      client.socket.write(bytes)
      await client.come(`8802${code.toString(16).padStart(4, '0')}`)
      client.socket.end()
      await once(client.socket, 'close')
      assert.deepEqual([...under.broker.clients()], [])
    })
  }

  it('bounds a message over all of its fragments', async () => {
    await using under = await door(undefined, { packetBytesMax: 1_000 })
    const client = await bare(portOf(under))
    client.socket.write(frame(0x02, connectPacket))
    for (let sent = 0; sent < 2_100; sent += 100) client.socket.write(frame(0x00, Buffer.alloc(100, pings)))
    await client.come('880203f1')
  })

  it('keeps a session going through DISCONNECT and close, and the will of who vanishes', async () => {
    await using under = await door()
    const listener = listenerOf(under.broker, 'ws')
    await using watcher = await connectMqtt(listener)
    await watcher.client.subscribeAsync('gone')
    const lost = new Promise((resolve) => watcher.client.once('message', (_topic, payload) => resolve(`${payload}`)))
    await using client = await connectMqtt(listener, {
      will: { topic: 'gone', payload: Buffer.from('lost'), qos: 0, retain: false },
    })
    client.client.stream.destroy()
    assert.equal(await lost, 'lost')
  })

  it('ends a request that never ends, when its time is up', async () => {
    const clock = new ManualClock()
    await using under = await brokerUnderTest({ clock, listeners: [{ protocol: 'ws', name: 'ws', ...at }] })
    const socket = net.connect(portOf(under), '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: here\r\nX-Slow: ')
    const closed = once(socket, 'close')
    while (under.broker.stats().listeners[0]?.connections !== 1) await nextTurn()
    while (!socket.closed) {
      clock.advance(1_000)
      await nextTurn()
    }
    await closed
    assert.equal(refused(under)['too-slow'], 1)
  })
})

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
