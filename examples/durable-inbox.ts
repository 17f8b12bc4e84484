/** What the broker has acknowledged waits for a device that is away, also while the program is started anew. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBroker } from '@hawser/embed'
import { connect, connectAsync } from 'mqtt'

const dataDir = await mkdtemp(join(tmpdir(), 'hawser-example-'))
const start = () =>
  createBroker({ dataDir, listeners: [{ protocol: 'mqtt', name: 'mqtt', host: '127.0.0.1', port: 0 }] })
const device = {
  clientId: 'device',
  clean: false,
  protocolVersion: 5,
  properties: { sessionExpiryInterval: 3_600 },
} as const

{
  await using broker = await start()
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.listeners[0]?.port}`, device)
  await client.subscribeAsync('orders/#', { qos: 1 })
  await client.endAsync()
  const durable = await broker.publish({ topic: 'orders/1', payload: Buffer.from('open the valve'), qos: 1 })
  console.log(`acknowledged while the device is away: ${durable}`)
}
{
  await using broker = await start()
  const client = connect(`mqtt://127.0.0.1:${broker.listeners[0]?.port}`, device)
  client.on('message', async (topic, payload) => {
    console.log(`after a restart: ${topic} ${payload}`)
    await client.endAsync()
  })
  await new Promise<void>((resolve) => client.once('close', () => resolve()))
}
await rm(dataDir, { recursive: true })
