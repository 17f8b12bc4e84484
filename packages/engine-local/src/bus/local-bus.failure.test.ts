import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { connect, Server } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Bus, PeerChange, PeerId } from '@hawser/engine'
import { temporaryFolder } from '@hawser/std/testing'
import { isSocketName } from './greeting.ts'
import { openLocalBus } from './local-bus.ts'

const childPath = fileURLToPath(new URL('./testing/child.ts', import.meta.url))
const peer = (name: string) => name as PeerId
const queueBytesMax = 1 << 20

const change = (bus: Bus, kind: PeerChange['kind']): Promise<PeerId> =>
  new Promise((resolve) => bus.onPeers((change) => change.kind === kind && resolve(change.peer)))

async function startPeer(folder: string, name: string) {
  const child = spawn(process.execPath, [childPath, folder, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  assert.equal(value, 'joined')
  return {
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exit
    },
  }
}

describe('local bus, between processes', () => {
  it('a killed peer has left at once; its socket is removed by who comes next', async () => {
    await using folder = await temporaryFolder()
    await using bus = await openLocalBus({ folder: folder.path, self: peer('here') })
    const joined = change(bus, 'joined')
    await using child = await startPeer(folder.path, 'there')
    assert.equal(await joined, 'there')
    const echoed = new Promise<string>((resolve) => bus.subscribe('echoed', (_, bytes) => resolve(bytes.toString())))
    bus.send(peer('there'), 'echo', Buffer.from('hello'))
    assert.equal(await echoed, 'hello')
    const left = change(bus, 'left')
    child.signal('SIGKILL')
    assert.equal(await left, 'there')
    assert.equal(bus.send(peer('there'), 'echo', Buffer.from('late')), false)
    assert.equal((await readdir(join(folder.path, 'bus'))).length, 2)
    await using next = await openLocalBus({ folder: folder.path, self: peer('there') })
    assert.deepEqual(next.peers(), ['here'])
    const sockets = await readdir(join(folder.path, 'bus'))
    assert.deepEqual(sockets.map((name) => name.split('@')[0]).sort(), ['here', 'there'])
  })

  it('a socket has its name only once it listens, so that nobody removes it as a dead one before', async (test) => {
    await using folder = await temporaryFolder()
    const named = (): string[] => readdirSync(join(folder.path, 'bus')).filter(isSocketName)
    const { listen } = Server.prototype
    const whenBound: string[][] = []
    test.mock.method(Server.prototype, 'listen', function (this: Server, path: string, listening: () => void) {
      listen.call(this, path, listening)
      whenBound.push(named())
      return this
    })
    const bus = await openLocalBus({ folder: folder.path, self: peer('here') })
    assert.deepEqual(whenBound, [[]])
    assert.equal(named().length, 1)
    await bus[Symbol.asyncDispose]()
    assert.deepEqual(readdirSync(join(folder.path, 'bus')), [])
  })

  it('a frozen peer fills its own queue and nothing else, and gets all of it in order when it thaws', async () => {
    await using folder = await temporaryFolder()
    await using child = await startPeer(folder.path, 'frozen')
    await using bus = await openLocalBus({ folder: folder.path, self: peer('here'), queueBytesMax })
    await using healthy = await startPeer(folder.path, 'healthy')
    child.signal('SIGSTOP')
    const bytes = Buffer.alloc(64 << 10)
    let accepted = 0
    while (bus.send(peer('frozen'), 'echo', bytes)) bytes.writeUInt32LE(++accepted)
    assert.ok(accepted > 0)
    const echoes: number[] = []
    let onEcho = (): void => {}
    bus.subscribe('echoed', (_, echo) => {
      echoes.push(echo.readUInt32LE())
      onEcho()
    })
    const fromHealthy = new Promise<void>((resolve) => {
      onEcho = resolve
    })
    assert.ok(bus.send(peer('healthy'), 'echo', Buffer.alloc(4)))
    await fromHealthy
    await using late = await openLocalBus({ folder: folder.path, self: peer('late') })
    assert.ok(late.peers().includes(peer('here')), 'a frozen peer must not keep others from joining')
    const allBack = new Promise<void>((resolve) => {
      onEcho = () => echoes.length === accepted + 1 && resolve()
    })
    child.signal('SIGCONT')
    await allBack
    assert.deepEqual(
      echoes.slice(1),
      Array.from({ length: accepted }, (_, index) => index),
    )
    await healthy[Symbol.asyncDispose]()
  })

  it('whoever does not speak the bus is cut off, and the others go on', async () => {
    await using folder = await temporaryFolder()
    await using bus = await openLocalBus({ folder: folder.path, self: peer('here') })
    const [socket = ''] = await readdir(join(folder.path, 'bus'))
    const frame = (channel: string, body: string) => {
      const head = Buffer.alloc(6)
      head.writeUInt32LE(2 + channel.length + body.length)
      head.writeUInt16LE(channel.length, 4)
      return Buffer.concat([head, Buffer.from(channel), Buffer.from(body)])
    }
    const strangers = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(64, 0xff),
      frame('other', 'x'),
      frame('hawser-bus', 'not json'),
      frame('hawser-bus', '{"version":2,"peer":"x","socket":"x@00000000.sock"}'),
      frame('hawser-bus', '{"version":1,"peer":"x","socket":"../../x.sock"}'),
    ]
    for (const bytes of strangers) {
      const stranger = connect(join(folder.path, 'bus', socket))
      stranger.on('error', () => {})
      stranger.resume().write(bytes)
      await once(stranger, 'close')
    }
    assert.deepEqual(bus.peers(), [])
    await using next = await openLocalBus({ folder: folder.path, self: peer('next') })
    assert.deepEqual(next.peers(), ['here'])
  })

  it('names and paths that cannot be are refused', async () => {
    await using folder = await temporaryFolder()
    await assert.rejects(openLocalBus({ folder: folder.path, self: peer('../x') }), RangeError)
    await assert.rejects(openLocalBus({ folder: join(folder.path, 'x'.repeat(90)), self: peer('a') }), {
      code: 'DATA_DIR_UNUSABLE',
    })
  })
})
