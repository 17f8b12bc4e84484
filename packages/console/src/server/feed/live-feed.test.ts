import assert from 'node:assert/strict'
import { on, once } from 'node:events'
import { describe, it } from 'node:test'
import { type LiveMessage, liveMessageSchema } from '@hawser/admin'
import { WebSocket } from 'ws'
import { type TestConsole, testConsole, testToken } from '../testing/test-console.ts'

const address = ({ server }: TestConsole): string => `ws://127.0.0.1:${server.port}/api/v1/live`

/** A page that keeps what it was sent until it is looked at. */
class Page {
  readonly socket: WebSocket
  readonly #messages: NodeJS.AsyncIterator<unknown[]>

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.#messages = on(socket, 'message')
  }

  /** Opens before the first frame, which comes with the second snapshot. */
  static async open(harness: TestConsole): Promise<Page> {
    const page = new Page(new WebSocket(address(harness), 'hawser.live.v1'))
    await once(page.socket, 'open')
    return page
  }

  async next(): Promise<LiveMessage> {
    const { value } = await this.#messages.next()
    return liveMessageSchema.parse(JSON.parse(String(value?.[0])))
  }

  /** What comes of the clock's next second. */
  tick(harness: TestConsole): Promise<LiveMessage> {
    harness.clock.advance(1000)
    return this.next()
  }
}

async function refusedStatus(socket: WebSocket): Promise<number> {
  const [, response] = await once(socket, 'unexpected-response')
  response.destroy()
  return response.statusCode
}

describe('live feed', () => {
  it('pushes a snapshot with rates every second', async () => {
    await using harness = await testConsole()
    const page = await Page.open(harness)
    const first = await page.tick(harness)
    const second = await page.tick(harness)
    assert.ok(first.kind === 'frame' && second.kind === 'frame')
    assert.equal(second.sequence, first.sequence + 1)
    assert.equal(second.snapshot.atMs - first.snapshot.atMs, 1000)
    const { received } = second.snapshot.broker.publishes
    assert.equal(second.rates.receivedPerSecond, received.qos1 - first.snapshot.broker.publishes.received.qos1)
    const history = await (await harness.get('/api/v1/history')).json()
    assert.equal(history.points.at(-1).receivedPerSecond, second.rates.receivedPerSecond)
  })

  it('tells when the state cannot be read, and goes on when it can again', async () => {
    await using harness = await testConsole()
    const page = await Page.open(harness)
    harness.source.failure = 'the broker is starting again'
    assert.deepEqual(await page.tick(harness), {
      kind: 'unavailable',
      atMs: Math.floor(harness.clock.wallMicros() / 1000),
      reason: 'the broker is starting again',
    })
    harness.source.failure = undefined
    assert.equal((await page.tick(harness)).kind, 'frame')
  })

  it('tells when a snapshot does not come', async () => {
    await using harness = await testConsole()
    const page = await Page.open(harness)
    harness.source.snapshot = () => new Promise(() => {})
    const message = page.next()
    for (let second = 0; second < 5; second++) harness.clock.advance(1000)
    assert.equal((await message).kind, 'unavailable')
  })

  it('sends a page that does not read fewer frames and keeps none for it', async () => {
    await using harness = await testConsole()
    const large = await harness.source.snapshot()
    const [alarm] =
      large.alarms.length > 0 ? large.alarms : [{ machineId: 'm', atMs: 0, severity: 'info' as const, message: '' }]
    assert.ok(alarm)
    const alarms = Array.from({ length: 50 }, () => ({ ...alarm, message: 'x'.repeat(40_000) }))
    harness.source.snapshot = async () => ({ ...large, alarms })
    const socket = new WebSocket(address(harness))
    await once(socket, 'open')
    socket.pause()
    const skipped = async (): Promise<number> => {
      const text = await (await harness.get('/metrics')).text()
      return Number(/^hawser_console_frames_skipped_total (\d+)$/m.exec(text)?.[1])
    }
    // Two megabytes a frame fill the socket's own buffers in a few.
    for (let second = 0; second < 14; second++) {
      harness.clock.advance(1000)
      await harness.get('/live')
    }
    assert.ok((await skipped()) >= 5, `${await skipped()} frames were skipped`)
    socket.terminate()
  })

  it('drops a page that answers no ping', async () => {
    await using harness = await testConsole()
    const socket = new WebSocket(address(harness), { autoPong: false })
    await once(socket, 'open')
    const closed = once(socket, 'close')
    for (let second = 0; second < 31; second++) harness.clock.advance(1000)
    await closed
  })

  it('refuses a foreign Origin, a foreign Host and, where reading is not open, a missing token', async () => {
    await using harness = await testConsole()
    assert.equal(await refusedStatus(new WebSocket(address(harness), { origin: 'http://evil.example' })), 403)
    assert.equal(await refusedStatus(new WebSocket(address(harness), { headers: { host: 'evil.example' } })), 403)
    await using closed = await testConsole({ openReading: false })
    assert.equal(await refusedStatus(new WebSocket(address(closed))), 401)
    const socket = new WebSocket(address(closed), ['hawser.live.v1', `bearer.${testToken}`])
    await once(socket, 'open')
    assert.equal(socket.protocol, 'hawser.live.v1')
  })

  it('closes at once also with open WebSockets', async () => {
    const harness = await testConsole()
    const socket = new WebSocket(address(harness))
    await once(socket, 'open')
    const closed = once(socket, 'close')
    await harness[Symbol.asyncDispose]()
    await closed
    await assert.rejects(harness.get('/live'))
  })
})
