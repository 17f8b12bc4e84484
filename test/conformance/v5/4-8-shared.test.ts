/** MQTT 5.0, section 4.8.2: shared subscriptions. */
import assert from 'node:assert/strict'
import { mqtt, u16 } from '../peer/bytes.ts'
import type { Peer } from '../peer/peer.ts'
import { publish, subscribe } from '../peer/shorthand.ts'
import type { Publish } from '../peer/views.ts'
import { numbers, payloads, refusesFilter } from '../scenarios/support.ts'
import { conformance, type Stage } from '../suite.ts'

/** Members of one group, each with a session that outlives its connection. */
async function members(stage: Stage, granted: readonly (0 | 1 | 2)[]): Promise<Peer[]> {
  const peers = await Promise.all(granted.map((_, index) => member(stage, index)))
  for (const [index, peer] of peers.entries()) await subscribe(peer, `$share/g/${stage.name}`, granted[index])
  return peers
}

const member = ({ name, connect }: Stage, index: number, clean = false): Promise<Peer> =>
  connect({ clientId: `${name}m${index}`, clean, sessionExpirySeconds: 600 })

/** The first message that one of them is given, and whose it is. */
async function arrival(peers: readonly Peer[]): Promise<{ readonly chosen: number; readonly given: Publish }> {
  for (;;) {
    for (const [chosen, peer] of peers.entries()) {
      const [given] = await peer.publishes()
      if (given !== undefined) return { chosen, given }
    }
  }
}

/** What each has been given by now: nobody's place is empty. */
async function received(peers: readonly Peer[]): Promise<string[][]> {
  const came: string[][] = []
  for (const peer of peers) came.push(payloads(await peer.publishes()))
  return came
}

conformance('v5', '4.8.2 shared subscriptions', (test) => {
  test('v5 [MQTT-4.8.2-1] a shared filter has a name of one character at least', async (stage) => {
    const { name, connect } = stage
    await Promise.all(['$share//a', '$share/', '$share//'].map((filter) => refusesFilter(stage, filter)))
    const [short, publisher] = [await connect(), await connect()]
    await subscribe(short, `$share/x/${name}`)
    await publish(publisher, name, 'shared')
    assert.deepEqual(payloads(await short.publishes()), ['shared'])
  })

  test('v5 [MQTT-4.8.2-2] the share name has no wildcard, and a filter follows', async (stage) => {
    const { name, connect } = stage
    const wrong = [`$share/a+/${name}`, `$share/#/${name}`, `$share/+/${name}`, '$share/group', '$share/group/']
    await Promise.all([...wrong, `$share/g/${name}#`].map((filter) => refusesFilter(stage, filter)))
    const [one, other, publisher] = [await connect(), await connect(), await connect()]
    // What follows is a whole filter of its own, be it with wildcards or with an empty first level.
    await subscribe(one, `$share/g/${name}/+/#`)
    await subscribe(other, `$share/g//${name}`)
    await publish(publisher, `${name}/a/b`, 'one')
    await publish(publisher, `/${name}`, 'other')
    assert.deepEqual(await received([one, other]), [['one'], ['other']])
  })

  test('v5 [MQTT-4.8.2-3] each member gets what it was granted at most, and each message one member', async (stage) => {
    const peers = await members(stage, [0, 1, 2])
    const publisher = await stage.connect()
    for (const payload of numbers(12)) await publish(publisher, stage.name, payload, { qos: 2 })
    const came: Publish[][] = peers.map(() => [])
    while (came.flat().length < 12) {
      for (const [index, peer] of peers.entries()) came[index]?.push(...(await peer.publishes()))
    }
    for (const [granted, publishes] of came.entries()) assert.ok(publishes.every(({ qos }) => qos === granted))
    assert.deepEqual(
      payloads(came.flat()).toSorted((a, b) => Number(a) - Number(b)),
      numbers(12),
    )
  })

  test('v5 [MQTT-4.8.2-4] QoS 2 that was begun with a member is completed with it when it is back', async (stage) => {
    const peers = await members(stage, [2, 2])
    const publisher = await stage.connect()
    await publish(publisher, stage.name, 'begun', { qos: 2 })
    const { chosen, given: begun } = await arrival(peers)
    await peers[chosen]?.vanish()
    await peers[1 - chosen]?.silent()
    const back = await member(stage, chosen)
    const again = await back.publish()
    assert.deepEqual([again.packetId, again.payload, again.duplicate], [begun.packetId, 'begun', true])
    back.send(mqtt`50 02 ${u16(again.packetId)}`)
    await back.acknowledgement('PUBREL')
    back.send(mqtt`70 02 ${u16(again.packetId)}`)
    await back.silent()
    await peers[1 - chosen]?.silent()
  })

  test('v5 [MQTT-4.8.2-5] QoS 2 that was begun with a session goes to no other when that session ends', async (stage) => {
    const peers = await members(stage, [2, 2])
    const publisher = await stage.connect()
    await publish(publisher, stage.name, 'begun', { qos: 2 })
    const { chosen } = await arrival(peers)
    await peers[chosen]?.vanish()
    const fresh = await member(stage, chosen, true)
    await subscribe(fresh, `$share/g/${stage.name}`, 2)
    assert.deepEqual(await received([fresh, peers[1 - chosen] ?? fresh]), [[], []])
    await publish(publisher, stage.name, 'next', { qos: 2 })
    assert.equal((await arrival([fresh, peers[1 - chosen] ?? fresh])).given.payload, 'next')
  })

  test('v5 [MQTT-4.8.2-6] what a member refused goes to no other', async (stage) => {
    const peers = await members(stage, [2, 2])
    const publisher = await stage.connect()
    for (const qos of [1, 2] as const) {
      await publish(publisher, stage.name, 'refused', { qos })
      const { chosen, given } = await arrival(peers)
      peers[chosen]?.send(mqtt`${Buffer.of(qos === 1 ? 0x40 : 0x50)} 03 ${u16(given.packetId)} 80`)
      assert.deepEqual(await received(peers), [[], []])
      // Nor later, when who refused it is gone and somebody new is there.
      await peers[chosen]?.leave()
      const late = await member(stage, chosen)
      peers[chosen] = late
      assert.deepEqual(await received(peers), [[], []])
    }
    await publish(publisher, stage.name, 'next', { qos: 1 })
    assert.equal((await arrival(peers)).given.payload, 'next')
  })
})
