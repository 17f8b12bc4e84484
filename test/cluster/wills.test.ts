/** Wills of clients whose node dies with them. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { natsSkipReason } from '../servers/nats.ts'
import { type MortalNodes, mortalNodes } from '../workers/mortal-nodes.ts'
import { type ClusterHome, clusterHome } from '../workers/start-node.ts'
import { receiving } from '../workers/three-nodes.ts'

const delaySeconds = 2

describe('wills of a node that is killed', { skip: natsSkipReason() }, () => {
  let home: ClusterHome
  let nodes: MortalNodes
  before(async () => {
    home = await clusterHome()
    nodes = await mortalNodes(home, 2)
  })
  after(async () => {
    await nodes[Symbol.asyncDispose]()
    await home[Symbol.asyncDispose]()
  })

  const connect = async (at: number, options: IClientOptions = {}): Promise<MqttClient> => {
    const client = mqtt.connect(`mqtt://127.0.0.1:${nodes.ports[at]}`, {
      ...{ protocolVersion: 5, reconnectPeriod: 0 },
      ...options,
    })
    client.on('error', () => undefined)
    await new Promise<void>((resolve) => client.once('connect', () => resolve()))
    return client
  }

  const doomed = (clientId: string, willDelayInterval: number): IClientOptions => ({
    clientId,
    clean: false,
    properties: { sessionExpiryInterval: 3_600 },
    will: {
      ...{ topic: `wills/${clientId}`, payload: Buffer.from(clientId), qos: 1, retain: false },
      properties: { willDelayInterval },
    },
  })

  it('are published by another, each once, and not where the client came back in time', {
    timeout: 60_000,
  }, async () => {
    const subscriber = await connect(1)
    const { payloads, until } = receiving(subscriber)
    await subscriber.subscribeAsync('wills/#', { qos: 1 })
    await connect(0, doomed('at-once', 0))
    await connect(0, doomed('later', delaySeconds))
    await connect(0, doomed('back-in-time', delaySeconds))
    const restarted = nodes.kill([0])
    await until((all) => all.includes('at-once'))
    const back = await connect(1, doomed('back-in-time', delaySeconds))
    await until((all) => all.includes('later'))
    await restarted
    // What would come a second time has had its time, and comes ahead of this.
    await subscriber.publishAsync('wills/end', 'end', { qos: 1 })
    await until((all) => all.includes('end'))
    assert.deepEqual(payloads, ['at-once', 'later', 'end'])
    await Promise.all([subscriber.endAsync(), back.endAsync()])
  })
})
