/**
 * A shared subscription over three nodes of which one is killed at random instants, while members and publishers go
 * from node to node: QoS 1 gets to a member, QoS 2 to one and once. HAWSER_KILLS sets another number of rounds.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { milliseconds, seededRandom, sleep, systemClock } from '@hawser/std'
import type { MqttClient } from 'mqtt'
import { mortalNodes } from './mortal-nodes.ts'
import { connectMoving, type MovingOptions, publish } from './moving-clients.ts'
import type { NodeHome } from './start-node.ts'
import { until } from './two-workers.ts'

const rounds = Number(process.env['HAWSER_KILLS'] ?? 6)
const nodeCount = 3
const memberCount = 4
const upMsMax = 700
const roundMsMax = 30_000
const arrivalMsMax = 120_000

export function sharedKillCases(home: () => Promise<NodeHome>): void {
  for (const qos of [1, 2] as const) {
    it(`QoS ${qos}, ${rounds} kills: nothing that was acknowledged is lost`, {
      timeout: 240_000 + rounds * roundMsMax,
    }, async (test) => {
      await using kept = await home()
      await using nodes = await mortalNodes(kept, nodeCount)
      await using clients = new AsyncDisposableStack()
      const connect = (clientId: string, options: MovingOptions): MqttClient => {
        const client = connectMoving(nodes.ports, clientId, options)
        clients.defer(() => client.endAsync(true))
        return client
      }
      const arrived = new Map<number, number>()
      const perMember = new Array<number>(memberCount).fill(0)
      const members = Array.from({ length: memberCount }, (_, index) =>
        connect(`member-${index}`, { first: index, version: 5 }),
      )
      for (const [index, member] of members.entries()) {
        member.on('message', (_topic, payload) => {
          const number = Number(`${payload}`)
          arrived.set(number, (arrived.get(number) ?? 0) + 1)
          perMember[index] = (perMember[index] ?? 0) + 1
        })
        await member.subscribeAsync('$share/g/load', { qos })
      }
      const random = seededRandom(qos)
      // 3.1.1: the client takes the 0x92 of a PUBREL that is repeated for an error.
      const publisher = connect('publisher', { version: 4 })
      let running = true
      const publishing = publish(publisher, 'load', qos, () => running)
      for (let round = 0; round < rounds; round++) {
        await sleep(systemClock, milliseconds(random.integer(upMsMax)))
        members[random.integer(memberCount)]?.stream.destroy()
        await nodes.kill([random.integer(nodeCount)])
      }
      running = false
      const { acknowledged, unknown } = await publishing
      const lost = (): number[] => acknowledged.filter((number) => !arrived.has(number))
      await until('all has arrived', () => lost().length === 0, arrivalMsMax).catch(() => undefined)
      assert.deepEqual(lost().slice(0, 10), [], `${lost().length} of ${acknowledged.length} acknowledged are lost`)
      await clients.disposeAsync()
      await nodes.end()
      const known = new Set(acknowledged)
      const strange = [...arrived.keys()].filter((number) => !known.has(number) && !unknown.has(number))
      assert.deepEqual(strange, [], 'what nobody has published')
      const again = [...arrived].filter(([, times]) => times > 1)
      if (qos === 2) assert.deepEqual(again, [])
      assert.ok(
        perMember.every((count) => count > 0),
        `each has had its share: ${perMember}`,
      )
      test.diagnostic(
        `${acknowledged.length} messages acknowledged, ${again.length} came again, by member ${perMember}`,
      )
    })
  }
}
