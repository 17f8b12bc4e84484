import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { skipWithoutMosquitto, startMosquitto } from '@hawser/simulate/testing'
import { connectMqtt } from './mqtt-peer.ts'

describe('MQTT peer against Mosquitto', { skip: skipWithoutMosquitto }, () => {
  const signal = (): AbortSignal => AbortSignal.timeout(5_000)

  it('subscribes, publishes, and gets back what it published, with its QoS', async () => {
    await using broker = await startMosquitto()
    await using peer = await connectMqtt(broker.url, 'peer', signal())
    const messages: unknown[] = []
    const three = new Promise<void>((resolve) => {
      peer.onMessage((message) => {
        if (messages.push(message) === 3) resolve()
      })
    })
    await peer.subscribe('a/b', 2)
    for (const qos of [0, 1, 2] as const) await peer.publish('a/b', `at ${qos}`, qos)
    await three
    await peer.unsubscribe('a/b')
    assert.deepEqual(
      messages,
      [0, 1, 2].map((qos) => ({ topic: 'a/b', payload: `at ${qos}`, qos, retain: false })),
    )
  })

  it('sees that the broker has gone', async () => {
    await using broker = await startMosquitto()
    await using peer = await connectMqtt(broker.url, 'peer', signal())
    const lost = new Promise((resolve) => peer.lost.addEventListener('abort', resolve))
    await broker.stop('SIGKILL')
    await lost
    await assert.rejects(connectMqtt(broker.url, 'peer', signal()), /nothing listens there/)
  })

  it('says why it is refused', async () => {
    await using broker = await startMosquitto(['allow_anonymous false'])
    await assert.rejects(connectMqtt(broker.url, 'peer', signal()), /Not authorized/)
  })
})
