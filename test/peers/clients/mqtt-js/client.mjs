// mqtt of npm.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import mqtt from 'mqtt'

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`)
const schemes = { tcp: 'mqtt', tls: 'mqtts', ws: 'ws' }
let client

const actions = {
  connect({ host, port, transport, ca, version, clientId, clean, expirySeconds, receiveMaximum, will }) {
    const properties = { sessionExpiryInterval: expirySeconds, receiveMaximum }
    client = mqtt.connect(`${schemes[transport]}://${host}:${port}`, {
      protocolVersion: version,
      clientId,
      clean,
      reconnectPeriod: 0,
      ...(version === 5 && { properties: Object.fromEntries(Object.entries(properties).filter(([, value]) => value)) }),
      ...(ca && { ca: readFileSync(ca) }),
      ...(will && { will: { ...will, payload: Buffer.from(will.payload) } }),
    })
    client.on('connect', ({ sessionPresent }) => say({ is: 'connected', sessionPresent }))
    client.on('error', (error) => say({ is: 'refused', why: error.message }))
    client.on('message', (topic, payload, { qos, retain }) =>
      say({ is: 'message', topic, payload: String(payload), qos, retain }),
    )
  },
  async subscribe({ filter, qos }) {
    await client.subscribeAsync(filter, { qos })
    say({ is: 'subscribed' })
  },
  async publish({ topic, prefix, count, qos, retain }) {
    const payloads = count === 0 ? [''] : Array.from({ length: count }, (_, n) => `${prefix}${n}`)
    await Promise.all(payloads.map((payload) => client.publishAsync(topic, payload, { qos, retain })))
    say({ is: 'published' })
  },
  async disconnect() {
    await client.endAsync()
    say({ is: 'disconnected' })
    process.exit(0)
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { do: action, ...told } = JSON.parse(line)
  await actions[action](told)
}
process.exit(0)
