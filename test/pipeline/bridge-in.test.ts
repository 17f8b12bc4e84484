/** A Hawser that is killed while it brings in what a Mosquitto has: a client with a session here gets all of it. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { seededRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { connect, connectAsync } from 'mqtt'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { freePort } from '../servers/free-port.ts'
import { skipWithoutMosquitto, startLastingMosquitto } from '../servers/mosquitto.ts'

const [rounds, each] = [4, 200]

it('at QoS 2 each message is there once, at QoS 1 none is lost', {
  skip: skipWithoutMosquitto,
  timeout: 120_000,
}, async () => {
  await using folder = await temporaryFolder()
  await using server = await startLastingMosquitto()
  const [port, file] = [await freePort(), join(folder.path, 'hawser.yaml')]
  const bridge = `{ kind: mqtt, name: there, url: "${server.url}", direction: in, filters: [here/#], local_prefix: here/ }`
  await writeFile(file, `scenarios: []\nconnectors: [${bridge}]\n`)
  const ports = ['--mqtt-port', `${port}`, '--ws-port', '0', '--http-port', '0']
  const start = () => startHawser(['up', ...ports, '--config', file, '--data-dir', join(folder.path, 'data')])
  const ready = /connector there: mqtt:.* is ready/
  const heard: string[] = []
  const enough = Promise.withResolvers<void>()
  const listener = connect(`mqtt://127.0.0.1:${port}`, {
    ...{ protocolVersion: 5, clientId: 'listener', clean: false, reconnectPeriod: 50, manualConnect: true },
    properties: { sessionExpiryInterval: 3_600 },
  })
  listener.on('error', () => undefined)
  listener.on('message', (topic, payload) => {
    heard.push(`${topic} ${payload}`)
    if (new Set(heard).size === rounds * each) enough.resolve()
  })
  const random = seededRandom(3)
  const device = await connectAsync(server.url, { protocolVersion: 5 })
  for (let round = 0; round < rounds; round++) {
    await using hawser = start()
    await hawser.prints(ready)
    if (round === 0) {
      listener.connect()
      await new Promise<void>((resolve) => listener.once('connect', () => resolve()))
      await listener.subscribeAsync('here/#', { qos: 2 })
    }
    const killAt = 10 * random.integer(each / 10)
    for (let number = 0; number < each; number += 10) {
      if (number === killAt) hawser.kill('SIGKILL')
      const some = Array.from({ length: 10 }, (_, index) => {
        const qos = (1 + (index % 2)) as 1 | 2
        return device.publishAsync(`${qos}`, `${round * each + number + index}`, { qos })
      })
      await Promise.all(some)
    }
    await hawser.ended
  }
  await device.endAsync()
  await using _last = start()
  await enough.promise
  await listener.endAsync(true)
  const twice = heard.filter((one, index) => heard.indexOf(one) !== index)
  assert.deepEqual(
    twice.filter((one) => one.startsWith('here/2 ')),
    [],
  )
})
