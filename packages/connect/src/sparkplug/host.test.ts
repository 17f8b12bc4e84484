/** The host on a real Mosquitto, through a wire that can be cut. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { HawserError, systemClock } from '@hawser/std'
import { connectAsync } from 'mqtt'
import { freePort } from '../../../../test/servers/free-port.ts'
import { skipWithoutMosquitto, startLastingMosquitto } from '../../../../test/servers/mosquitto.ts'
import { startTcpProxy } from '../../../../test/servers/tcp-proxy.ts'
import { openHost } from './host.ts'

/** What is said on the topic of the host, as it comes. */
async function listening(port: number, topic: string) {
  const said: string[] = []
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`)
  client.on('message', (_, payload) => void said.push(payload.toString()))
  await client.subscribeAsync(topic, { qos: 1 })
  return {
    async next(): Promise<{ readonly online: boolean; readonly timestamp: number }> {
      while (said.length === 0) await new Promise((resolve) => client.once('message', resolve))
      return JSON.parse(said.shift() ?? '')
    },
    [Symbol.asyncDispose]: () => client.endAsync(),
  }
}

describe('the host on a broker', { skip: skipWithoutMosquitto }, () => {
  let mosquitto: AsyncDisposable & { readonly port: number }
  before(async () => {
    mosquitto = await startLastingMosquitto()
  })
  after(() => mosquitto[Symbol.asyncDispose]())

  const hostAt = (at: number, hostId?: string) =>
    openHost({ url: `mqtt://127.0.0.1:${at}`, clientId: 'host', hostId, clock: systemClock })

  it('says that it is there, and by its will that it is not, with one time', async () => {
    await using wire = await startTcpProxy(mosquitto.port)
    await using ear = await listening(mosquitto.port, 'spBv1.0/STATE/cut')
    await using host = await hostAt(wire.port, 'cut')
    const birth = await ear.next()
    await wire.cut()
    const death = await ear.next()
    assert.deepEqual([birth.online, death.online, death.timestamp], [true, false, birth.timestamp])
    await assert.rejects(host.publish('a', 'b', { qos: 1, retain: false }), {
      code: 'SINK_UNAVAILABLE',
      retryable: true,
    })
    assert.throws(() => host.check(), HawserError)
  })

  it('says on purpose that it goes, and leaves that behind as retained', async () => {
    {
      await using host = await hostAt(mosquitto.port, 'going')
      await host.announce()
    }
    await using ear = await listening(mosquitto.port, 'spBv1.0/STATE/going')
    assert.equal((await ear.next()).online, false)
  })

  it('rejects what is under way when the connection goes', async () => {
    await using wire = await startTcpProxy(mosquitto.port)
    await using host = await hostAt(wire.port)
    const sent = Array.from({ length: 50 }, () => host.publish('busy', Buffer.alloc(50_000), { qos: 1, retain: false }))
    const settled = Promise.allSettled(sent)
    await wire.cut()
    assert.ok((await settled).some(({ status }) => status === 'rejected'))
  })

  it('is refused where nobody listens, to be tried again', async () => {
    await assert.rejects(hostAt(await freePort()), { code: 'SINK_UNAVAILABLE', retryable: true })
  })
})
