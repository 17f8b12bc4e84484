/** Who gets in. */
import { spawnSync } from 'node:child_process'
import type { Placed } from '../broker-process.ts'
import type { Version } from '../wire-client.ts'
import type { Script, World } from '../world.ts'

const versions: readonly Version[] = [3, 4, 5]

/** By Mosquitto's own program, so that both brokers read what it writes: one of each of its hashes. */
export async function writePasswords({ folder }: Placed): Promise<void> {
  const file = `${folder}/passwords`
  for (const args of [
    ['-b', '-c', file, 'ann', 'secret-a'],
    ['-H', 'sha512', '-b', file, 'bob', 'secret: b'],
  ]) {
    const { status, stderr } = spawnSync('mosquitto_passwd', args)
    if (status !== 0) throw new Error(`mosquitto_passwd: ${stderr}`)
  }
}

const defaults: Script = {
  name: 'defaults',
  async run(world) {
    for (const version of versions) {
      world.record(`without a name, ${version}`, await world.tcp({ version }).connected())
      const named = { version, username: 'ann', password: 'x' }
      world.record(`with a name that nobody knows, ${version}`, await world.tcp(named).connected())
    }
  },
}

const passwords: Script = {
  name: 'passwords',
  prepare: writePasswords,
  async run(world) {
    for (const version of versions) {
      const attempts = {
        'a right password': { username: 'ann', password: 'secret-a' },
        'one with blank and colon': { username: 'bob', password: 'secret: b' },
        'a wrong password': { username: 'ann', password: 'secret-b' },
        'an unknown user': { username: 'eve', password: 'secret-a' },
        'no password': { username: 'ann' },
        'an empty password': { username: 'ann', password: '' },
        nothing: {},
      }
      for (const [name, credentials] of Object.entries(attempts)) {
        world.record(`${name}, ${version}`, await world.tcp({ version, ...credentials }).connected())
      }
    }
    const shared = { clientId: 'same', clean: false }
    await world.in({ ...shared, username: 'ann', password: 'secret-a' })
    const thief = world.tcp({ ...shared, username: 'bob', password: 'secret: b' })
    world.record('another user under the client id of a session', await thief.connected())
    const ann = await world.in({ clientId: 'a', username: 'ann', password: 'secret-a' })
    world.record('a user subscribes', await ann.subscribe('#', 1))
    world.record('a user publishes', await ann.publish('x', '1', 1))
    world.record('and gets it', await ann.delivered())
  },
}

const prefixes: Script = {
  name: 'prefixes',
  async run(world) {
    for (const version of versions) {
      world.record(`with the prefix, ${version}`, await world.tcp({ version, clientId: 'plant-1' }).connected())
      world.record(`without it, ${version}`, await world.tcp({ version, clientId: 'garden-1' }).connected())
    }
  },
}

const included: Script = {
  name: 'included',
  async run(world: World) {
    world.record('the later file counts', await world.tcp({ version: 5, keepalive: 100 }).connected())
    world.record('a keep alive within it', await world.tcp({ version: 5, keepalive: 20 }).connected())
  },
}

const unixSocket: Script = {
  name: 'unix-socket',
  async run(world) {
    const client = world.unix(`${world.placed.folder}/broker.sock`, { version: 5 })
    world.record('through the socket', await client.connected())
    world.record('a subscription', await client.subscribe('a/#', 2))
    world.record('a publish', await client.publish('a/b', 'x', 2))
    world.record('its delivery', await client.delivery())
  },
}

export const entryScripts: readonly Script[] = [defaults, passwords, prefixes, included, unixSocket]
