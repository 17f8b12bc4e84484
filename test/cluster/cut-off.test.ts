/** `hawser up` on servers, cut off from them until others have taken over: its node ends, and comes back as another. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt from 'mqtt'
import { startHawser as startUp } from '../../packages/cli/src/testing/running-hawser.ts'
import { freePort } from '../servers/free-port.ts'
import { natsSkipReason, startNatsCluster } from '../servers/nats.ts'
import { startTcpProxy } from '../servers/tcp-proxy.ts'
import { startHawser } from '../support/hawser-process.ts'

const client = { clientId: 'device', clean: false, reconnectPeriod: 100, protocolVersion: 5 } as const
const session = { properties: { sessionExpiryInterval: 600 } } as const

it('hawser up that finds its rights taken ends its node, and starts another in its place', {
  skip: natsSkipReason(),
  timeout: 240_000,
}, async () => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const servers = stack.use(await startNatsCluster({ servers: 1 }))
  const port = Number(servers.servers[0]?.address.split(':')[1])
  const way = stack.use(await startTcpProxy(port))
  const configuration = (at: number): string => `engine: { servers: ["nats://127.0.0.1:${at}"], replicas: 1 }\n`
  const [file, otherFile] = [join(folder.path, 'up.yaml'), join(folder.path, 'other.yaml')]
  await writeFile(file, `scenarios: []\n${configuration(way.port)}`)
  await writeFile(otherFile, configuration(port))
  const mqttPort = await freePort()
  const ports = ['--mqtt-port', `${mqttPort}`, '--ws-port', '0', '--http-port', '0']
  const up = stack.use(startUp(['up', ...ports, '--config', file, '--data-dir', join(folder.path, 'up')]))
  await up.prints(/localhost:\d+|127\.0\.0\.1:\d+/)
  const other = stack.use(await startHawser({ dataDir: join(folder.path, 'other'), further: ['--config', otherFile] }))
  const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { ...client, ...session })
  await device.subscribeAsync('a', { qos: 1 })
  await device.endAsync()

  await way.cut()
  // It is let in where the other has taken over what the one that is cut off had.
  const there = await mqtt.connectAsync(`mqtt://127.0.0.1:${other.port}`, { ...client, ...session })
  await there.endAsync()
  const publisher = await mqtt.connectAsync(`mqtt://127.0.0.1:${other.port}`)
  await publisher.publishAsync('a', 'kept', { qos: 1 })
  await publisher.endAsync()
  await way.mend()
  await up.prints(/have taken over what this one had.*starting it again/)

  const back = mqtt.connect(`mqtt://127.0.0.1:${mqttPort}`, { ...client, ...session })
  const arrived = Promise.withResolvers<string>()
  back.on('message', (_topic, payload) => arrived.resolve(String(payload)))
  assert.equal(await arrived.promise, 'kept')
  await back.endAsync()
  up.kill('SIGTERM')
  assert.equal((await up.ended).code, 0)
})
