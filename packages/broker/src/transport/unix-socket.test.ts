import assert from 'node:assert/strict'
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { WebSocket } from 'ws'
import { brokerUnderTest } from '../testing/broker-under-test.ts'
import { RawClient } from '../testing/raw-client.ts'

describe('Unix socket', () => {
  it('carries MQTT, with the rights that it is told, and is gone with the broker', async () => {
    await using folder = await temporaryFolder()
    const socketPath = join(folder.path, 'mqtt.sock')
    {
      await using under = await brokerUnderTest({
        listeners: [{ protocol: 'mqtt', name: 'local', socketPath, socketMode: 0o600 }],
      })
      assert.equal(statSync(socketPath).mode & 0o777, 0o600)
      await using client = await RawClient.connect(socketPath)
      await client.subscribe('a')
      client.publish('a', 'here')
      assert.equal(`${(await client.receive('publish'))['payload']}`, 'here')
      assert.deepEqual(
        [...under.broker.clients()].map(({ address, listener }) => `${listener} ${address}`),
        ['local unix'],
      )
      const [listener] = under.broker.stats().listeners
      assert.deepEqual([listener?.socketPath, listener?.port], [socketPath, 0])
    }
    assert.equal(existsSync(socketPath), false)
  })

  it('carries WebSocket', async () => {
    await using folder = await temporaryFolder()
    const socketPath = join(folder.path, 'ws.sock')
    await using _under = await brokerUnderTest({ listeners: [{ protocol: 'ws', name: 'local', socketPath }] })
    const socket = new WebSocket(`ws+unix:${socketPath}:/`, 'mqtt')
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(Buffer.from('100d00044d51545404020000000161', 'hex'))
    const answer = await new Promise<Buffer>((resolve) => socket.once('message', (data) => resolve(data as Buffer)))
    assert.equal(answer.toString('hex'), '20020000')
    socket.terminate()
  })

  it('takes the place of one that a dead broker has left behind, and of nothing else', async () => {
    await using folder = await temporaryFolder()
    const socketPath = join(folder.path, 'mqtt.sock')
    const open = () => brokerUnderTest({ listeners: [{ protocol: 'mqtt', name: 'local', socketPath }] })
    await leaveBehind(socketPath)
    assert.equal(statSync(socketPath).isSocket(), true)
    {
      await using _under = await open()
      await assert.rejects(open(), { code: 'PORT_IN_USE' })
    }
    writeFileSync(socketPath, 'not a socket')
    await assert.rejects(open(), { code: 'PORT_IN_USE' })
    assert.equal(statSync(socketPath).size, 12)
  })

  it('refuses a path that the system would cut short', async () => {
    const socketPath = `/tmp/${'x'.repeat(110)}`
    await assert.rejects(brokerUnderTest({ listeners: [{ protocol: 'mqtt', name: 'local', socketPath }] }), {
      code: 'CONFIG_INVALID',
      message: /longer than 107 bytes/,
    })
  })
})

/** A socket's file with nobody behind it: a rename keeps it when its server goes. */
async function leaveBehind(path: string): Promise<void> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(`${path}.made`, resolve))
  renameSync(`${path}.made`, path)
  await new Promise((resolve) => server.close(resolve))
}
