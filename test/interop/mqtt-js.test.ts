/** The npm client `mqtt` against Hawser, by TCP and by WebSocket, in both versions. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { WebSocket } from 'ws'
import { type HawserProcess, startHawser } from '../support/hawser-process.ts'

const versions = [4, 5] as const
const transports = ['tcp', 'ws'] as const

describe('the client mqtt of npm', () => {
  let hawser: HawserProcess
  const resources = new AsyncDisposableStack()

  before(async () => {
    const folder = resources.use(await temporaryFolder())
    hawser = resources.use(await startHawser({ dataDir: `${folder.path}/data` }))
  })
  after(() => resources.disposeAsync())

  const connect = async (transport: (typeof transports)[number], options: IClientOptions): Promise<MqttClient> => {
    const port = transport === 'tcp' ? hawser.port : hawser.webSocketPort
    const scheme = transport === 'tcp' ? 'mqtt' : 'ws'
    const client = await mqtt.connectAsync(`${scheme}://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options })
    resources.defer(async () => client.endAsync(true))
    return client
  }

  const collect = (client: MqttClient, count: number): Promise<string[]> =>
    new Promise((resolve) => {
      const got: string[] = []
      client.on('message', (_topic, payload) => {
        got.push(payload.toString())
        if (got.length === count) resolve(got)
      })
    })

  for (const transport of transports) {
    for (const protocolVersion of versions) {
      it(`level ${protocolVersion} over ${transport}: a burst of each QoS arrives whole and in order`, async () => {
        const subscriber = await connect(transport, { protocolVersion })
        const publisher = await connect(transport, { protocolVersion })
        for (const qos of [0, 1, 2] as const) {
          const topic = `burst/${transport}/${protocolVersion}/${qos}`
          await subscriber.subscribeAsync(topic, { qos })
          const sent = Array.from({ length: 100 }, (_, index) => `${index}`)
          const got = collect(subscriber, sent.length)
          await Promise.all(sent.map((payload) => publisher.publishAsync(topic, payload, { qos })))
          assert.deepEqual(await got, sent)
          subscriber.removeAllListeners('message')
          await subscriber.unsubscribeAsync(topic)
        }
      })
    }
  }

  it('carries the properties of MQTT 5.0 through', async () => {
    const client = await connect('tcp', { protocolVersion: 5 })
    await client.subscribeAsync('request', { qos: 1, properties: { subscriptionIdentifier: 42 } })
    const properties = {
      responseTopic: 'response/here',
      correlationData: Buffer.from([1, 2, 3]),
      contentType: 'application/json',
      payloadFormatIndicator: true,
      userProperties: { trace: 'abc' },
    }
    const received = new Promise<unknown[]>((resolve) => client.on('message', (...message) => resolve(message)))
    await client.publishAsync('request', '{}', { qos: 1, properties })
    const packet = (await received)[2] as { properties: Record<string, unknown> }
    assert.deepEqual(
      { ...packet.properties, userProperties: { ...(packet.properties['userProperties'] as object) } },
      {
        ...properties,
        subscriptionIdentifier: 42,
      },
    )
  })

  it('refuses a page of a foreign origin by WebSocket', async () => {
    const url = `ws://127.0.0.1:${hawser.webSocketPort}`
    const socket = new WebSocket(url, 'mqtt', { origin: 'http://evil.example' })
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    assert.equal(response.statusCode, 403)
    const own = new WebSocket(url, 'mqtt', { origin: 'http://127.0.0.1:8080' })
    await once(own, 'open')
    own.terminate()
  })
})
