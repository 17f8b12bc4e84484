/** MQTT on servers of the program's own: a path of its HTTP server, and a TCP server. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { createBroker } from '@hawser/embed'
import { connectAsync } from 'mqtt'

const http = createHttpServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
const tcp = createServer().listen(0, '127.0.0.1')
await Promise.all([once(http, 'listening'), once(tcp, 'listening')])
const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

{
  await using broker = await createBroker()
  broker.attach(http, { name: 'web', path: '/mqtt' })
  broker.attach(tcp, { name: 'tcp' })

  const page = await fetch(`http://127.0.0.1:${portOf(http)}/`)
  console.log(`http: ${await page.text()}`)

  const browser = await connectAsync(`ws://127.0.0.1:${portOf(http)}/mqtt`)
  const received = new Promise((resolve) => browser.on('message', (_topic, payload) => resolve(String(payload))))
  await browser.subscribeAsync('greeting')
  const device = await connectAsync(`mqtt://127.0.0.1:${portOf(tcp)}`)
  await device.publishAsync('greeting', 'from tcp', { qos: 1 })
  console.log(`mqtt over websocket: ${await received}`)
  await Promise.all([browser.endAsync(), device.endAsync()])
}
http.close()
tcp.close()
