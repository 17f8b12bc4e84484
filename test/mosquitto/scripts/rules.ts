/** What those who are in may do, and what is kept. */
import type { Script } from '../world.ts'

const rights: Script = {
  name: 'rights',
  async run(world) {
    const ann = await world.in({ clientId: 'dev-1', username: 'ann', version: 5 })
    const bob = await world.in({ clientId: 'dev-2', username: 'bob', version: 5 })
    const nobody = await world.in({ clientId: 'dev-3', version: 5 })
    const old = await world.in({ clientId: 'dev-4', username: 'ann', version: 4 })
    for (const [name, client] of Object.entries({ ann, bob, nobody })) {
      world.record(`${name} subscribes to everything`, await client.subscribe('#', 1))
    }
    world.record('a subscription to what is denied', await nobody.subscribe('ann/secret/#', 1))
    const attempts: readonly (readonly [name: string, client: typeof ann, topic: string])[] = [
      ['ann, her own', ann, 'ann/a'],
      ['ann, denied within her own', ann, 'ann/secret/a'],
      ['ann, what she may only read', ann, 'shared/x/state'],
      ['ann, what she may only write', ann, 'shared/ann/set'],
      ['ann, her device', ann, 'devices/dev-1/up'],
      ['ann, another device', ann, 'devices/dev-2/up'],
      ['ann, her device’s locked part', ann, 'devices/dev-1/locked'],
      ['ann, an inbox by pattern for reading', ann, 'users/ann/inbox'],
      ['bob, both ways', bob, 'shared/x/state'],
      ['bob, what nobody gave him', bob, 'ann/a'],
      ['nobody, his inbox', nobody, 'inbox/anonymous'],
      ['nobody, what he may only read', nobody, 'public/a'],
      ['nobody, his device', nobody, 'devices/dev-3/up'],
      ['3.1.1, allowed', old, 'ann/b'],
      ['3.1.1, denied', old, 'elsewhere'],
    ]
    for (const [name, client, topic] of attempts) {
      world.record(`publish: ${name}`, await client.publish(topic, 'x', 1))
    }
    world.record('delivered to ann', await ann.delivered())
    world.record('delivered to bob', await bob.delivered())
    world.record('delivered to nobody', await nobody.delivered())
    const tricky = await world.in({ clientId: '+', username: 'carl', version: 5 })
    world.record('a client id with a wildcard', await tricky.publish('devices/x/up', 'x', 1))
    await tricky.subscribe('devices/#')
    await ann.publish('devices/dev-1/up', 'y', 1)
    world.record('gets nothing by it', await tricky.delivered())
    const dying = world.tcp({ clientId: 'dev-9', username: 'bob', will: { topic: 'ann/a', payload: 'will' } })
    world.record('CONNECT with a will to what is denied', await dying.connected())
    await dying.vanish()
    await bob.publish('shared/after', 'x', 1)
    await bob.delivered()
    world.record(
      'a will to what is denied',
      (await ann.delivered()).filter((line) => line.includes('will')),
    )
  },
}

const limits: Script = {
  name: 'limits',
  async run(world) {
    world.record('CONNACK of 5.0', await world.tcp({ version: 5, keepalive: 100 }).connected())
    world.record('a longer keep alive, 5.0', await world.tcp({ version: 5, keepalive: 500 }).connected())
    world.record('a longer keep alive, 3.1.1', await world.tcp({ version: 4, keepalive: 500 }).connected())
    world.record('no client id, 5.0', await world.tcp({ version: 5, clientId: '' }).connected())
    world.record('no client id, 3.1.1', await world.tcp({ version: 4, clientId: '' }).connected())
    world.record(
      'a retained will',
      await world.tcp({ version: 5, will: { topic: 'a', payload: 'x', retain: true } }).connected(),
    )
    world.record(
      'a will at QoS 2',
      await world.tcp({ version: 5, will: { topic: 'a', payload: 'x', qos: 2 } }).connected(),
    )
    const again = () => world.in({ version: 5, clientId: 'same' })
    world.record('a subscription at QoS 2', await (await again()).subscribe('a', 2))
    world.record('a publish at QoS 1', await (await again()).publish('a', 'x', 1))
    world.record('a publish at QoS 2', await (await again()).publish('a', 'x', 2))
    world.record('a retained publish', await (await again()).publish('a', 'x', 1, true))
    world.record('a packet that is too large', await (await again()).publish('a', 'x'.repeat(3_000), 1))
    const old = () => world.in({ version: 4, clientId: 'same' })
    world.record('a publish at QoS 2, 3.1.1', await (await old()).publish('a', 'x', 2))
    world.record('a retained publish, 3.1.1', await (await old()).publish('a', 'x', 1, true))
    world.record('a packet that is too large, 3.1.1', await (await old()).publish('a', 'x'.repeat(3_000), 1))
  },
}

const connections: Script = {
  name: 'connections',
  async run(world) {
    const clients = [await world.in({ clientId: 'c1' }), await world.in({ clientId: 'c2' })]
    world.record('one connection too many', await world.tcp({ clientId: 'c3' }).connected())
    for (const client of clients) await client.disconnect()
    world.record('when there is room again', await world.tcp({ clientId: 'c4' }).connected())
  },
}

const messageSize: Script = {
  name: 'message-size',
  async run(world) {
    world.record('a client without id', await world.tcp({ version: 5, clientId: '' }).connected())
    const reader = await world.in({ clientId: 'r' })
    await reader.subscribe('#', 1)
    const writer = await world.in({ clientId: 'w', version: 5 })
    world.record('a payload of the size', await writer.publish('a', 'x'.repeat(100), 1))
    world.record('a payload that is too large', await writer.publish('b', 'x'.repeat(101), 1))
    const old = await world.in({ clientId: 'o', version: 4 })
    world.record('a payload that is too large, 3.1.1', await old.publish('c', 'x'.repeat(101), 1))
    world.record('afterwards', await old.publish('d', 'x', 1))
    world.record(
      'delivered',
      (await reader.delivered()).map((line) => line.replace(/x{3,}/, 'x…')),
    )
  },
}

const persistence: Script = {
  name: 'persistence',
  async run(world) {
    const away = { clientId: 'away', clean: false }
    const first = world.tcp(away)
    world.record('a session begins', await first.connected())
    world.record('its subscription', await first.subscribe('q/#', 1))
    await first.disconnect()
    const writer = await world.in({ clientId: 'w' })
    for (const [index, qos] of ([0, 1, 2, 1] as const).entries()) await writer.publish(`q/${index}`, `${index}`, qos)
    await writer.publish('kept', 'value', 1, true)
    await world.restart()
    const back = world.tcp(away)
    world.record('after a restart', await back.connected())
    world.record('what was queued', await back.delivery(3))
    await back.subscribe('kept')
    world.record('what was retained', await back.delivery())
    const five = { clientId: 'five', version: 5, clean: false, properties: { sessionExpiryInterval: 3_600 } } as const
    world.record('a session of 5.0', await world.tcp(five).connected())
    const forever = { ...five, clientId: 'forever', properties: { sessionExpiryInterval: 0xffff_ffff } }
    world.record('one that is never to end', await world.tcp(forever).connected())
  },
}

const memory: Script = {
  name: 'memory',
  async run(world) {
    const away = { clientId: 'away', clean: false }
    const first = world.tcp(away)
    await first.connected()
    await first.subscribe('q', 1)
    await first.disconnect()
    const writer = await world.in({ clientId: 'w' })
    for (let index = 0; index < 12; index++) await writer.publish('q', `${index}`, 1)
    const back = world.tcp(away)
    world.record('a session that was away', await back.connected())
    await writer.publish('q', 'end', 1)
    world.record('what was queued for it', await back.deliveredUntil('end'))
    await writer.publish('kept', 'value', 1, true)
    await world.restart()
    const after = world.tcp(away)
    world.record('after a restart', await after.connected())
    await after.subscribe('kept')
    world.record('nothing is retained', await after.delivered())
  },
}

const mountedRights: Script = {
  name: 'mounted-rights',
  async run(world) {
    const inside = await world.in({ clientId: 'in', version: 5 })
    const outside = await world.in({ clientId: 'out', version: 5 }, 1)
    await outside.subscribe('#', 1)
    await inside.subscribe('#', 1)
    for (const topic of ['open/a', 'letters', 'inner', 'site-7/open/a']) {
      world.record(`inside publishes ${topic}`, await inside.publish(topic, 'in', 1))
    }
    for (const topic of ['open/a', 'letters', 'inner', 'site-7/open/a']) {
      world.record(`outside publishes ${topic}`, await outside.publish(topic, 'out', 1))
    }
    world.record('delivered outside', await outside.delivered())
    world.record(
      'delivered inside',
      (await inside.delivered()).map((line) => line.replace(/^site-7\//, '')),
    )
  },
}

export const ruleScripts: readonly Script[] = [
  rights,
  mountedRights,
  limits,
  connections,
  messageSize,
  persistence,
  memory,
]
