import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { HawserError } from '@hawser/std'
import { checkPorts } from './ports.ts'

const host = '127.0.0.1'

async function listening(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer().listen({ host, port: 0 })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

describe('ports', () => {
  it('shows every conflict at once, with a command whose ports are free', async () => {
    await using mqtt = await listening()
    await using http = await listening()
    const wish = (mqttPort: number, httpPort: number) => [
      { what: 'MQTT', flag: 'mqtt-port', host, port: mqttPort },
      { what: 'WebSocket', flag: 'ws-port', host, port: 0 },
      { what: 'console', flag: 'http-port', host, port: httpPort },
    ]
    const error = await checkPorts(wish(mqtt.port, http.port), 'npm start --').catch((reason: unknown) => reason)
    assert.ok(error instanceof HawserError)
    assert.equal(error.code, 'PORT_IN_USE')
    const pasted =
      /^ports (\d+) \(MQTT\), (\d+) \(console\) taken .*; try: npm start -- --mqtt-port (\d+) --http-port (\d+)$/
    const [, first, second, mqttPort, httpPort] = pasted.exec(error.line) ?? assert.fail(error.line)
    assert.deepEqual([Number(first), Number(second)], [mqtt.port, http.port])
    await checkPorts(wish(Number(mqttPort), Number(httpPort)), 'npm start --')
  })

  it('sees that two of its own want the same', async () => {
    const free = await listening()
    await free[Symbol.asyncDispose]()
    const both = ['a', 'b'].map((what) => ({ what, flag: what, host, port: free.port }))
    await assert.rejects(checkPorts(both, 'x'), { code: 'PORT_IN_USE' })
  })

  it('names an address that is not of this machine', async () => {
    const wish = { what: 'MQTT', flag: 'mqtt-port', host: '192.0.2.1', port: 0 }
    await assert.rejects(checkPorts([wish], 'x'), /cannot listen on 192\.0\.2\.1:0 \(EADDRNOTAVAIL\)/)
  })
})
