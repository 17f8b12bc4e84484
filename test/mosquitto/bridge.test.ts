/** A mosquitto.conf with a bridge, run by us, to a real Mosquitto that asks for a password. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { connectAsync, type MqttClient } from 'mqtt'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { freePort } from '../servers/free-port.ts'
import { skipWithoutMosquitto, startLastingMosquitto } from '../servers/mosquitto.ts'

const secret = 'a-secret-of-bridges'

/** Resolves with the next so many messages, as `TOPIC PAYLOAD`. */
async function listen(
  client: MqttClient,
  filter: string,
  count: number,
): Promise<{ readonly heard: Promise<string[]> }> {
  const heard: string[] = []
  const { promise, resolve } = Promise.withResolvers<string[]>()
  client.on('message', (topic, payload) => {
    heard.push(`${topic} ${payload}`)
    if (heard.length === count) resolve(heard)
  })
  await client.subscribeAsync(filter, { qos: 1 })
  return { heard: promise }
}

it('carries both ways what its topic lines say, and nothing else', {
  skip: skipWithoutMosquitto,
  timeout: 60_000,
}, async () => {
  await using folder = await temporaryFolder()
  const users = join(folder.path, 'users')
  assert.equal(spawnSync('mosquitto_passwd', ['-b', '-c', users, 'site', secret]).status, 0)
  await using remote = await startLastingMosquitto(['allow_anonymous false', `password_file ${users}`])
  await remote.allow('pattern readwrite #\n')
  await remote.stop('SIGTERM')
  await remote.start()
  const port = await freePort()
  const lines = [
    ...[`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'persistence true'],
    ...[`persistence_location ${folder.path}`, `user ${process.env['USER'] ?? 'root'}`, 'connection north'],
    ...[`address 127.0.0.1:${remote.port}`, 'topic plant/# both 1 "" sites/7/', 'topic cmd/# in 1 local/ ""'],
    ...['remote_username site', `remote_password ${secret}`, 'remote_clientid site-7', 'restart_timeout 5'],
  ]
  const file = join(folder.path, 'mosquitto.conf')
  await writeFile(file, `${lines.join('\n')}\n`)
  await using hawser = startHawser(['broker', '--mosquitto-conf', file])
  await hawser.prints(/connector north-in: mqtt:.* is ready/)
  const there = await connectAsync(remote.url, { username: 'site', password: secret })
  const here = await connectAsync(`mqtt://127.0.0.1:${port}`)
  const atHome = await listen(here, '#', 3)
  const away = await listen(there, 'sites/#', 2)
  await here.publishAsync('plant/a', 'out', { qos: 1 })
  await there.publishAsync('sites/7/plant/b', 'in', { qos: 1 })
  await there.publishAsync('cmd/c', 'command', { qos: 1 })
  assert.deepEqual((await atHome.heard).toSorted(), ['local/cmd/c command', 'plant/a out', 'plant/b in'])
  assert.deepEqual((await away.heard).toSorted(), ['sites/7/plant/a out', 'sites/7/plant/b in'])
  await Promise.all([here.endAsync(), there.endAsync()])
  hawser.kill('SIGTERM')
  const { code, stdout, stderr } = await hawser.ended
  assert.equal(code, 0, stderr)
  assert.ok(!`${stdout}${stderr}`.includes(secret))
})
