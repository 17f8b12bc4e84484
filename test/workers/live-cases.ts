/** What is published at one node reaches subscribers at all. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { NodeHome } from './start-node.ts'
import { nodeCount, receiving, type ThreeNodes, threeNodes } from './three-nodes.ts'

const qualities = [0, 1, 2] as const

export function liveCases(home: () => Promise<NodeHome>): void {
  let nodes: ThreeNodes
  before(async () => {
    nodes = await threeNodes(await home())
  })
  after(() => nodes[Symbol.asyncDispose]())

  for (const qos of qualities) {
    it(`what is published at one at QoS ${qos} reaches subscribers at all, each once and in order`, async () => {
      const topic = `all/${qos}`
      const subscribers = await Promise.all([0, 1, 2].map((at) => nodes.connect(at)))
      const received = subscribers.map((client) => receiving(client))
      for (const client of subscribers) await client.subscribeAsync('all/#', { qos })
      for (let from = 0; from < nodeCount; from++) {
        const publisher = await nodes.connect(from)
        for (let number = 0; number < 20; number++) await publisher.publishAsync(topic, `${from}.${number}`, { qos })
      }
      for (const { until, payloads } of received) {
        await until((payloads) => payloads.length >= nodeCount * 20)
        for (let from = 0; from < nodeCount; from++) {
          const own = payloads.filter((payload) => payload.startsWith(`${from}.`))
          assert.deepEqual(
            own,
            Array.from({ length: 20 }, (_, number) => `${from}.${number}`),
          )
        }
      }
    })
  }

  it('a retained message is shown at all, and its deletion too', async () => {
    const publisher = await nodes.connect(0)
    await publisher.publishAsync('kept/a', 'here', { qos: 1, retain: true })
    for (let at = 0; at < nodeCount; at++) {
      const client = await nodes.connect(at)
      const { until } = receiving(client)
      await client.subscribeAsync('kept/#', { qos: 1 })
      await until((payloads) => payloads.includes('here'))
    }
    await (await nodes.connect(1)).publishAsync('kept/a', '', { qos: 1, retain: true })
    const late = await nodes.connect(2)
    const { payloads, until } = receiving(late)
    await late.subscribeAsync('kept/#', { qos: 1 })
    await publisher.publishAsync('kept/end', 'end', { qos: 1 })
    await until((all) => all.includes('end'))
    assert.deepEqual(payloads, ['end'])
  })

  it('a will is published at all', async () => {
    const subscriber = await nodes.connect(1)
    const { until } = receiving(subscriber)
    await subscriber.subscribeAsync('wills/#', { qos: 1 })
    const doomed = await nodes.connect(0, {
      will: { topic: 'wills/a', payload: Buffer.from('gone'), qos: 1, retain: false },
    })
    doomed.stream.destroy()
    await until((payloads) => payloads.includes('gone'))
  })
}
