/** Doors of other kinds: rooms, certificates, WebSocket, rules of their own. */
import { writeFile } from 'node:fs/promises'
import { makeAuthority } from '../../support/certificates.ts'
import type { Script } from '../world.ts'
import { writePasswords } from './entry.ts'

const anonymous: Script = {
  name: 'anonymous',
  async run(world) {
    world.record('CONNACK of 5.0', await world.tcp({ version: 5, clientId: 'other' }).connected())
    world.record(
      'a name and a password are not asked for',
      await world.tcp({ username: 'x', password: 'y' }).connected(),
    )
    const outside = await world.in({ clientId: 'outside' })
    const inside = await world.in({ clientId: 'inside' }, 1)
    world.record('outside subscribes', await outside.subscribe('#', 1))
    world.record('inside subscribes', await inside.subscribe('#', 1))
    world.record('inside publishes', await inside.publish('a/b', 'from inside', 1, true))
    world.record('inside hears it without the room', await inside.delivery())
    world.record('outside hears it with the room', await outside.delivery())
    await outside.publish('site-7/c', 'from outside', 1)
    await outside.publish('elsewhere', 'not for the room', 1)
    world.record('outside hears its own', await outside.delivery(2))
    world.record('inside hears what is in the room', await inside.delivered())
    const later = await world.in({ clientId: 'later' }, 1)
    world.record('whoever comes later subscribes', await later.subscribe('a/+'))
    world.record('and gets what is retained', await later.delivery())
    await outside.publish('site-7/a/b', '', 1, true)
    const last = await world.in({ clientId: 'last', will: { topic: 'gone', payload: 'inside', qos: 1 } }, 1)
    await last.subscribe('a/+')
    world.record('what outside has cleared is gone', await last.delivered())
    await outside.delivered()
    await last.vanish()
    world.record('a will from the room', await outside.delivery())
  },
}

const certificates: Script = {
  name: 'certificates',
  async prepare({ folder }) {
    const authority = await makeAuthority()
    const foreign = await makeAuthority('another authority')
    const server = await authority.issue('CN=localhost', { hosts: ['localhost', '127.0.0.1'] })
    const [pump, tank, revoked] = [
      await authority.issue('CN=pump-7,O=Works'),
      await authority.issue('CN=tank-1,O=Works'),
      await authority.issue('CN=pump-8,O=Works'),
    ]
    const files = {
      'ca.pem': authority.certificate,
      'revoked.pem': await authority.revoke(revoked),
      'server.pem': server.certificate,
      'server.key': server.key,
    }
    for (const [name, text] of Object.entries(files)) await writeFile(`${folder}/${name}`, text, { mode: 0o600 })
    const clients = { pump, tank, revoked, foreign: await foreign.issue('CN=pump-7,O=Works') }
    await writeFile(`${folder}/clients.json`, JSON.stringify({ ca: authority.certificate, ...clients }))
  },
  async run(world) {
    const { readFile } = await import('node:fs/promises')
    const secrets = JSON.parse(await readFile(`${world.placed.folder}/clients.json`, 'utf8')) as Record<
      string,
      { certificate: string; key: string }
    > & { ca: never }
    const as = (name: string) => ({ ca: secrets.ca, cert: secrets[name]?.certificate, key: secrets[name]?.key })
    world.record('a good certificate', await world.tls(as('pump'), { clientId: 'x' }).connected())
    world.record('a revoked certificate', await world.tls(as('revoked')).connected())
    world.record('another authority’s certificate', await world.tls(as('foreign')).connected())
    world.record('no certificate', await world.tls({ ca: secrets.ca }).connected())
    world.record('without TLS', await world.tcp().connected())
    const pump = world.tls(as('pump'), { clientId: 'p', username: 'tank-1', password: 'x', version: 5 })
    world.record('the name in CONNECT does not count', await pump.connected())
    world.record('the rights are those of the certificate', await pump.publish('pumps/7/on', '1', 1))
    world.record('and no others', await pump.publish('pumps/8/on', '1', 1))
    const tank = world.tls(as('tank'), { clientId: 't', version: 5 })
    world.record('who has no rights comes in', await tank.connected())
    world.record('and may say nothing', await tank.publish('pumps/7/on', '1', 1))
  },
}

const webSocket: Script = {
  name: 'websocket',
  async run(world) {
    const client = world.webSocket('mqtt', { clientId: 'w', version: 5 })
    world.record('with subprotocol mqtt', await client.connected())
    const other = await world.in({ clientId: 't' }, 1)
    world.record('subscription', await client.subscribe('a/#', 1))
    world.record('publish by TCP', await other.publish('a/b', 'x', 1))
    world.record('delivery by WebSocket', await client.delivery())
    await other.subscribe('c')
    world.record('publish by WebSocket', await client.publish('c', 'y', 2))
    world.record('delivery by TCP', await other.delivery())
    world.record('with subprotocol mqttv3.1', await world.webSocket('mqttv3.1', { version: 3 }).connected())
    world.record('with a foreign subprotocol', await world.webSocket('chat').connected())
  },
}

const perListener: Script = {
  name: 'per-listener',
  prepare: writePasswords,
  async run(world) {
    world.record('first door, nobody', await world.tcp({ version: 5, clientId: '' }).connected())
    world.record('first door, some name', await world.tcp({ username: 'eve', password: 'x' }).connected())
    world.record('second door, nobody', await world.tcp({}, 1).connected())
    world.record('second door, a user', await world.tcp({ username: 'ann', password: 'secret-a' }, 1).connected())
    const unnamed = { version: 5, clientId: '', username: 'ann', password: 'secret-a' } as const
    world.record('second door, no client id', await world.tcp(unnamed, 1).connected())
    const reader = await world.in({ clientId: 'reader', version: 5 })
    world.record('first door, subscription', await reader.subscribe('#', 1))
    world.record('first door, publish', await reader.publish('a', 'x', 1))
    const writer = await world.in({ clientId: 'writer', username: 'ann', password: 'secret-a', version: 5 }, 1)
    world.record('second door, publish', await writer.publish('a', 'y', 1))
    world.record('first door, delivery', await reader.delivery())
  },
}

export const doorScripts: readonly Script[] = [anonymous, certificates, webSocket, perListener]
