/** The real command as a process: signals, wills, a reader that goes away, and the bounds of `pub -l`. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { milliseconds, seededRandom, systemClock } from '@hawser/std'
import { runHawser } from '../../packages/cli/src/main.ts'
import { type Finished, type Running, start } from '../support/programs.ts'
import { type Broker, skipReason, startBounded, startBroker } from './broker.ts'

const bin = new URL('../../packages/cli/bin/hawser.mjs', import.meta.url).pathname
const hawser = (...args: string[]): Running => startBounded(process.execPath, [bin, ...args])
const mosquitto = (client: string, ...args: string[]): Running => startBounded(`mosquitto_${client}`, args)

describe('pub and sub as processes', { skip: skipReason, concurrency: 2 }, () => {
  let broker: Broker
  before(async () => {
    broker = await startBroker()
  })
  after(() => broker[Symbol.asyncDispose]())

  it('end with the exit codes of a refusal, a timeout and a wrong flag', async () => {
    const { PORT, CLOSED } = broker.places
    const codes = [
      ['sub', '-p', CLOSED, '-t', 'a', '-V', '5'],
      ['sub', '-p', PORT, '-t', 'none', '-W', '1'],
      ['pub', '-p', PORT, '-t', 'a', '-x'],
      ['pub', '-p', PORT, '-t', 'a', '-m', 'x', '-q', '2'],
    ].map(async (args) => (await hawser(...args).finished).code)
    assert.deepEqual(await Promise.all(codes), [135, 27, 1, 0])
  })

  it('sub ends with 0 on SIGTERM, and its will is published under MQTT 5 as that of mosquitto_sub', async () => {
    const { PORT } = broker.places
    const ours = async (...args: string[]): Promise<Finished> => {
      const dying = hawser(...args)
      await broker.subscribed('dying-0')
      dying.kill('SIGTERM')
      return dying.finished
    }
    // A signal that meets mosquitto_sub at work can block it for good, in the lock that its handler takes: it is idle.
    const theirs = (client: string, ...args: string[]): Promise<Finished> =>
      start('timeout', ['--preserve-status', '-k', '20', '2', `mosquitto_${client}`, ...args]).finished
    const seen = await Promise.all(
      [ours, theirs].map(async (terminated, index) => {
        const topic = `will/${index}`
        const watcher = mosquitto('sub', '-p', PORT, '-i', `watcher-${index}`, '-t', topic, '-C', '1', '-W', '20')
        await broker.subscribed(`watcher-${index}`)
        const will = ['--will-topic', topic, '--will-payload', 'gone', '-V', '5', '-i', `dying-${index}`]
        const { code } = await terminated('sub', '-p', PORT, '-t', 'none', ...will)
        return { code, will: (await watcher.finished).stdout }
      }),
    )
    assert.deepEqual(seen, [
      { code: 0, will: 'gone\n' },
      { code: 0, will: 'gone\n' },
    ])
  })

  it('sub ends when its reader has gone', async () => {
    const { PORT } = broker.places
    const line = `"$0" ${bin} sub -p ${PORT} -i read -t read | head -1`
    const reading = startBounded('sh', ['-c', line, process.execPath])
    await broker.subscribed('read')
    const source = startBounded('mosquitto_pub', [
      '-p',
      PORT,
      '-t',
      'read',
      '-m',
      'x',
      '--repeat',
      '20',
      '--repeat-delay',
      '0.05',
    ])
    assert.equal((await reading.finished).stdout, 'x\n')
    await source.finished
  })

  it('sub comes back to a broker that comes back', async () => {
    const { PORT } = broker.places
    const args = ['-i', 'returning', '-t', 'returned', '-C', '1']
    const subscriber = hawser('sub', '-p', PORT, ...args)
    await broker.subscribed('returning')
    // The client of the same name takes the connection over, and goes.
    await mosquitto('pub', '-p', PORT, '-i', 'returning', '-t', 'other', '-m', 'x').finished
    await mosquitto('pub', '-p', PORT, '-t', 'returned', '-m', 'again', '-r').finished
    assert.equal((await subscriber.finished).stdout, 'again\n')
  })
})

const lineBytes = 100
/** Sockets of both sides, the library and one chunk; the input would be endless. */
const readAheadBytesMax = 16 * 1024 * 1024

describe('pub -l', () => {
  for (const qos of ['0', '1']) {
    it(`reads no further than a broker at QoS ${qos} takes`, { timeout: 20_000 }, async () => {
      await using broker = await stalledBroker()
      const stop = new AbortController()
      let readBytes = 0
      const chunk = Buffer.from(`${'x'.repeat(lineBytes - 1)}\n`.repeat(500))
      const stdin = new Readable({
        read() {
          readBytes += chunk.length
          if (readBytes > readAheadBytesMax) this.destroy(new Error('read without end'))
          else this.push(chunk)
        },
      })
      const io = { stdin, stdout: process.stdout, stderr: process.stderr, env: {}, signal: stop.signal }
      const world = { ...io, onHangUp: () => new DisposableStack(), clock: systemClock, random: seededRandom(1) }
      const running = runHawser(['pub', '-p', `${broker.port}`, '-t', 'a', '-l', '-q', qos], world)
      await broker.stalled
      assert.ok(readBytes <= readAheadBytesMax)
      stop.abort()
      assert.equal(await running, 1)
    })
  }
})

const stallMs = milliseconds(1_500)

/** Welcomes a client, reads nothing more, and says when it has done that for a while. */
async function stalledBroker() {
  const stalled = Promise.withResolvers<void>()
  let client: Socket | undefined
  const server = createServer((socket) => {
    client = socket
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write(Uint8Array.of(0x20, 2, 0, 0))
      socket.pause()
      // Without back-pressure the bound would be passed in a fraction of that.
      systemClock.after(stallMs, stalled.resolve)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return {
    port: address.port,
    stalled: stalled.promise,
    async [Symbol.asyncDispose]() {
      client?.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
