/** A plant that speaks Sparkplug, with payloads that Tahu has encoded, on a Hawser that is killed meanwhile. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { connectAsync, type MqttClient } from 'mqtt'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { tahuPayload } from '../../packages/connect/src/sparkplug/testing/payloads.ts'
import { freePort } from '../servers/free-port.ts'

const configuration = (port: number): string => `
scenarios: []
connectors:
  - kind: sparkplug
    name: scada
    url: mqtt://127.0.0.1:${port}
    host_id: scada
    begin: oldest
`

interface Heard {
  readonly topic: string
  readonly payload: Buffer
}

/** What matches, from the first that satisfies. */
async function hear(client: MqttClient, satisfied: (heard: Heard) => boolean, cause: () => void): Promise<Heard> {
  const { promise, resolve } = Promise.withResolvers<Heard>()
  const listener = (topic: string, payload: Buffer): void => {
    if (satisfied({ topic, payload })) resolve({ topic, payload })
  }
  client.on('message', listener)
  cause()
  const heard = await promise
  client.off('message', listener)
  return heard
}

describe('Sparkplug, end to end', { timeout: 120_000 }, () => {
  it('decodes by the births of before a crash, asks for lost ones, and tells that the host is there', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    const port = await freePort()
    await writeFile(file, configuration(port))
    const argv = ['up', '--mqtt-port', `${port}`, '--ws-port', '0', '--http-port', '0', '--config', file]
    const run = async () => {
      const hawser = startHawser([...argv, '--data-dir', join(folder.path, 'data')])
      await hawser.prints(/http:\/\/[\d.]+:\d+/)
      const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 })
      return { hawser, client }
    }
    const topicOf = (type: string, device = ''): string => `spBv1.0/plant/${type}/line${device}`
    const isOf = (type: string) => (heard: Heard) => heard.payload.includes(`"type":"${type}"`)
    {
      const { hawser, client } = await run()
      const state = hear(
        client,
        ({ payload }) => JSON.parse(payload.toString()).online === true,
        () => {},
      )
      await client.subscribeAsync('spBv1.0/STATE/scada', { qos: 1 })
      await state
      await client.subscribeAsync('sparkplug/#', { qos: 1 })
      await hear(client, isOf('DBIRTH'), () => {
        client.publish(topicOf('NBIRTH'), tahuPayload('node_birth'))
        client.publish(topicOf('DBIRTH', '/press'), tahuPayload('device_birth_1'))
      })
      const closed = once(client as unknown as NodeJS.EventEmitter, 'close')
      hawser.kill('SIGKILL')
      await hawser.ended
      await closed
    }
    const { hawser, client } = await run()
    await using _hawser = hawser
    await client.subscribeAsync('sparkplug/#', { qos: 1 })
    const data = await hear(client, isOf('DDATA'), () => {
      client.publish(topicOf('DDATA', '/press'), tahuPayload('device_data_2'))
    })
    assert.equal(data.topic, 'sparkplug/plant/line/press')
    assert.deepEqual(JSON.parse(data.payload.toString()).metrics, { count: -6 })
    await client.subscribeAsync(topicOf('NCMD'), { qos: 0 })
    // After 2 comes 3, not 255.
    const command = await hear(
      client,
      ({ topic }) => topic === topicOf('NCMD'),
      () => {
        client.publish(topicOf('NDATA'), tahuPayload('node_data_255'))
      },
    )
    assert.ok(command.payload.includes('Node Control/Rebirth'))
    await client.endAsync()
  })
})
