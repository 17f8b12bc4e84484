/** A broker whose program decides who comes in, and what may be said where. */
import { createBroker } from '@hawser/embed'
import { connectAsync } from 'mqtt'

const passwords = new Map([['pump-7', 'secret']])
const notAuthorized = 0x87

await using broker = await createBroker({
  listeners: [{ protocol: 'mqtt', name: 'mqtt', host: '127.0.0.1', port: 0 }],
  hooks: {
    authenticate: ({ username = '', password }) => passwords.get(username) === Buffer.from(password ?? []).toString(),
    // A device speaks under its own name only.
    authorize: ({ username }, action, topic) => action !== 'publish' || topic.startsWith(`devices/${username}/`),
    publish: ({ payload }) =>
      payload.length <= 64 ? { kind: 'accept' } : { kind: 'refuse', reasonCode: notAuthorized },
    event: (event) => console.log(event.kind, 'client' in event ? event.client.clientId : ''),
  },
})
const url = `mqtt://127.0.0.1:${broker.listeners[0]?.port}`

const refusal = await connectAsync(url, { username: 'pump-7', password: 'wrong', protocolVersion: 5 }).catch(String)
console.log(`a wrong password: ${refusal}`)

const options = { clientId: 'pump-7', username: 'pump-7', password: 'secret', protocolVersion: 5 } as const
const device = await connectAsync(url, options)
using pressures = broker.subscribe('devices/+/pressure')
await device.publishAsync('devices/pump-7/pressure', '4.2', { qos: 1 })
for await (const { topic, payload } of pressures) {
  console.log(`${topic} ${payload}`)
  break
}
const forbidden = await device.publishAsync('devices/pump-8/pressure', '0', { qos: 1 }).catch(String)
console.log(`under another's name: ${forbidden}`)
await device.endAsync()
