/** A session is one, whichever node its client comes to. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { missing, start } from '../support/programs.ts'
import type { NodeHome } from './start-node.ts'
import { connackOf, receiving, type ThreeNodes, threeNodes } from './three-nodes.ts'

export function sessionCases(home: () => Promise<NodeHome>): void {
  let nodes: ThreeNodes
  before(async () => {
    nodes = await threeNodes(await home())
  })
  after(() => nodes[Symbol.asyncDispose]())

  it('a session comes back at another, with what came meanwhile', async () => {
    const durable = { clientId: 'mover', clean: false } as const
    const first = await nodes.connect(0, durable)
    await first.subscribeAsync('moved/#', { qos: 2 })
    await first.endAsync()
    const publisher = await nodes.connect(2)
    for (const qos of [1, 2] as const) await publisher.publishAsync(`moved/${qos}`, `${qos}`, { qos })
    const client = nodes.connecting(1, durable)
    const { payloads, until } = receiving(client)
    assert.equal((await connackOf(client)).sessionPresent, true)
    await until((all) => all.length >= 2)
    assert.deepEqual(payloads, ['1', '2'])
  })

  it('a session is taken over by another while its connection is open', async () => {
    const durable = {
      clientId: 'taken',
      clean: false,
      protocolVersion: 5,
      properties: { sessionExpiryInterval: 600 },
    } as const
    const first = await nodes.connect(0, durable)
    await first.subscribeAsync('taken/#', { qos: 1 })
    const told = new Promise<number | undefined>((resolve) =>
      first.once('disconnect', ({ reasonCode }) => resolve(reasonCode)),
    )
    const second = nodes.connecting(1, durable)
    const { until } = receiving(second)
    assert.equal((await connackOf(second)).sessionPresent, true)
    assert.equal(await told, 0x8e)
    await (await nodes.connect(2)).publishAsync('taken/a', 'after', { qos: 1 })
    await until((payloads) => payloads.includes('after'))
  })

  it('mosquitto_sub finds at one what mosquitto_pub has published at others', {
    skip: missing('mosquitto_sub', 'apt-get install mosquitto-clients'),
  }, async () => {
    const session = ['-i', 'peer', '-c', '-t', 'peer/#', '-q', '2']
    assert.equal((await start('mosquitto_sub', ['-p', `${nodes.port(0)}`, ...session, '-E']).finished).code, 0)
    for (const qos of [1, 2]) {
      const args = ['-p', `${nodes.port(qos)}`, '-t', `peer/${qos}`, '-m', `quality ${qos}`, '-q', `${qos}`]
      assert.equal((await start('mosquitto_pub', args).finished).code, 0)
    }
    const { code, stdout } = await start('mosquitto_sub', ['-p', `${nodes.port(2)}`, ...session, '-C', '2']).finished
    assert.equal(code, 0)
    // By two publishers, so in whatever order.
    assert.deepEqual(stdout.trimEnd().split('\n').sort(), ['quality 1', 'quality 2'])
  })
}
