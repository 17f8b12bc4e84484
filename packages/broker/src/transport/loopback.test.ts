import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { it } from 'node:test'
import { brokerUnderTest } from '../testing/broker-under-test.ts'

it('localhost is the loopback of both families, at one port', async (test) => {
  await using under = await brokerUnderTest({
    listeners: [{ protocol: 'mqtt', name: 'here', host: 'localhost', port: 0 }],
  })
  const [listener] = under.broker.listeners
  assert.equal(listener?.host, 'localhost')
  for (const host of ['127.0.0.1', '::1']) {
    const socket = net.connect({ host, port: under.port })
    try {
      await once(socket, 'connect')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL') throw error
      test.diagnostic('this machine has no ::1')
    }
    socket.destroy()
  }
})

it('a port that one of them has is in use', async () => {
  const other = net.createServer()
  other.listen({ host: '::1', port: 0 })
  const heard = await Promise.race([once(other, 'listening').then(() => true), once(other, 'error').then(() => false)])
  if (!heard) return
  const { port } = other.address() as net.AddressInfo
  const listeners = [{ protocol: 'mqtt', name: 'here', host: 'localhost', port }] as const
  await assert.rejects(brokerUnderTest({ listeners }), { code: 'PORT_IN_USE' })
  other.close()
  await once(other, 'close')
  await using _under = await brokerUnderTest({ listeners })
})
