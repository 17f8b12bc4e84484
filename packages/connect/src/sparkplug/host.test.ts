/** The host on a real Mosquitto, through a wire that can be cut. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { HawserError, systemClock } from '@hawser/std'
import { connectAsync } from 'mqtt'
import { freePort } from '../../../../test/servers/free-port.ts'
import { missing } from '../../../../test/support/programs.ts'
import { openHost } from './host.ts'

const skip = missing('mosquitto', 'apt-get install mosquitto')

/** Forwards to a port until it is cut. */
async function cuttableWire(target: number): Promise<AsyncDisposable & { readonly port: number; cut(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = createConnection(target, '127.0.0.1')
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}))
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
    },
  }
}

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

describe('the host on a broker', { skip }, () => {
  let mosquitto: ChildProcess
  let port: number
  before(async () => {
    port = await freePort()
    const started = spawn('/usr/sbin/mosquitto', ['-p', String(port), '-v'], { stdio: ['ignore', 'ignore', 'pipe'] })
    mosquitto = started
    for await (const line of createInterface(started.stderr)) if (line.includes('running')) break
    started.stderr.resume()
  })
  after(async () => {
    const exit = once(mosquitto, 'exit')
    mosquitto.kill()
    await exit
  })

  const hostAt = (at: number, hostId?: string) =>
    openHost({ url: `mqtt://127.0.0.1:${at}`, clientId: 'host', hostId, clock: systemClock })

  it('says that it is there, and by its will that it is not, with one time', async () => {
    await using wire = await cuttableWire(port)
    await using ear = await listening(port, 'spBv1.0/STATE/cut')
    await using host = await hostAt(wire.port, 'cut')
    const birth = await ear.next()
    wire.cut()
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
      await using host = await hostAt(port, 'going')
      await host.announce()
    }
    await using ear = await listening(port, 'spBv1.0/STATE/going')
    assert.equal((await ear.next()).online, false)
  })

  it('rejects what is under way when the connection goes', async () => {
    await using wire = await cuttableWire(port)
    await using host = await hostAt(wire.port)
    const sent = Array.from({ length: 50 }, () => host.publish('busy', Buffer.alloc(50_000), { qos: 1, retain: false }))
    wire.cut()
    const outcomes = await Promise.allSettled(sent)
    assert.ok(outcomes.some(({ status }) => status === 'rejected'))
  })

  it('is refused where nobody listens, to be tried again', async () => {
    await assert.rejects(hostAt(await freePort()), { code: 'SINK_UNAVAILABLE', retryable: true })
  })
})
