import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { it } from 'node:test'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { RawClient } from '../testing/raw-client.ts'

const noSharing = process.platform === 'linux' ? false : 'only Linux is known to spread connections over a shared port'

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

it('brokers that are told so share a port, and each gets clients', { skip: noSharing }, async () => {
  const listeners = [{ protocol: 'mqtt', name: 'here', host: '127.0.0.1', port: await freePort() }] as const
  await using one = await brokerUnderTest({ listeners, sharedPorts: true })
  await using other = await brokerUnderTest({ listeners, sharedPorts: true })
  await using clients = new AsyncDisposableStack()
  // 1 in 2^63 that one of them gets all.
  for (let index = 0; index < 64; index++) clients.use(await RawClient.connect(one.port))
  const [ofOne, ofOther] = [one.broker.stats().connections, other.broker.stats().connections]
  assert.equal(ofOne + ofOther, 64)
  assert.ok(ofOne > 0 && ofOther > 0, `${ofOne} and ${ofOther}`)
  await assert.rejects(brokerUnderTest({ listeners }), { code: 'PORT_IN_USE' })
})

it('a shared port must be known', async () => {
  const listeners = [{ protocol: 'mqtt', name: 'here', host: '127.0.0.1', port: 0 }] as const
  await assert.rejects(brokerUnderTest({ listeners, sharedPorts: true }), RangeError)
})
