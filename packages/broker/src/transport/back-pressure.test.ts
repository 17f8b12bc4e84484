/** What comes faster than it is taken waits, through every door, and none of it is lost. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type Certified, makeAuthority } from '../../../../test/support/certificates.ts'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { connectMqtt, listenerOf } from '../testing/connect-mqtt.ts'
import type { ListenerOptions } from './listener-options.ts'

const at = { host: '127.0.0.1', port: 0 } as const
const messages = 400
const messageBytes = 20_000

let server: Certified
before(async () => {
  server = await (await makeAuthority()).issue('CN=broker', { hosts: ['127.0.0.1'] })
})

describe('back-pressure', () => {
  for (const name of ['mqtt', 'mqtts', 'ws', 'wss'] as const) {
    it(`${name}: a receiver that stops reading for a while gets everything, in order`, async () => {
      const listeners: readonly ListenerOptions[] = [
        { protocol: 'mqtt', name: 'mqtt', ...at },
        { protocol: 'mqtts', name: 'mqtts', ...at, tls: server },
        { protocol: 'ws', name: 'ws', ...at },
        { protocol: 'wss', name: 'wss', ...at, tls: server },
      ]
      // So little is taken at once that both sides are held back many times.
      await using under = await brokerUnderTest({ listeners, limits: { outputHighWaterBytes: 100_000 } })
      const listener = listenerOf(under.broker, name)
      await using receiver = await connectMqtt(listener, { rejectUnauthorized: false })
      await using sender = await connectMqtt(listener, { rejectUnauthorized: false })
      await receiver.client.subscribeAsync('bulk', { qos: 1 })
      const got: number[] = []
      const all = new Promise<void>((resolve) => {
        receiver.client.on('message', (_topic, payload) => {
          got.push(payload.readUInt32BE(0))
          if (got.length === messages) resolve()
        })
      })
      receiver.client.stream.pause()
      const sent = Array.from({ length: messages }, (_, index) => {
        const payload = Buffer.alloc(messageBytes, index & 0xff)
        payload.writeUInt32BE(index)
        return sender.client.publishAsync('bulk', payload, { qos: 1 })
      })
      await Promise.all(sent)
      receiver.client.stream.resume()
      await all
      assert.deepEqual(
        got,
        Array.from({ length: messages }, (_, index) => index),
      )
    })
  }
})
