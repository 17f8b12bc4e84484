import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Bus, PeerId } from '@hawser/engine'
import { type Clock, milliseconds, systemRandom as random, systemClock } from '@hawser/std'
import type { NatsConnection } from '@nats-io/transport-node'
import { natsSkipReason, serversUnderTest } from '../testing/servers.ts'
import { openNatsBus } from './nats-bus.ts'

const messages = 3000
const patience = { goneMsMax: milliseconds(300), silentMsMax: milliseconds(1500) }
/** So long that silence alone ends no test. */
const forgiving = { ...patience, silentMsMax: milliseconds(600_000) }

interface Joined {
  readonly bus: Bus
  readonly connection: NatsConnection
}

function left(bus: Bus, who: string): Promise<void> {
  return new Promise((resolve) => {
    const listening = bus.onPeers(({ kind, peer }) => {
      if (kind !== 'left' || peer !== who) return
      listening[Symbol.dispose]()
      resolve()
    })
  })
}

/** A clock whose timers wait while it is stopped, as those of a frozen process do. */
class StoppableClock implements Clock {
  #waiting: (() => void)[] | undefined

  wallMicros = systemClock.wallMicros
  monotonicMs = systemClock.monotonicMs

  after(delay: ReturnType<typeof milliseconds>, callback: () => void): Disposable {
    return systemClock.after(delay, () => (this.#waiting === undefined ? callback() : this.#waiting.push(callback)))
  }

  stop(): void {
    this.#waiting = []
  }

  goOn(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const callback of waiting) callback()
  }
}

describe('NATS bus: failures', { skip: natsSkipReason() }, () => {
  const servers = serversUnderTest()

  async function join(prefix: string, name: string, clock: Clock = systemClock, limits = patience): Promise<Joined> {
    const connection = await servers.connect(name)
    const bus = await openNatsBus({ connection, prefix, self: name as PeerId, clock, random, ...limits })
    return { bus, connection }
  }

  async function pair(stack: AsyncDisposableStack, clock?: Clock): Promise<readonly [Joined, Joined]> {
    const prefix = servers.newPrefix()
    const one = await join(prefix, 'one')
    const two = await join(prefix, 'two', clock)
    for (const { bus, connection } of [one, two]) {
      stack.defer(() => connection.close())
      stack.use(bus)
    }
    return [one, two]
  }

  it('the servers that two peers are on are killed, one after the other: nothing is lost, and nobody is gone', async () => {
    await using stack = new AsyncDisposableStack()
    const [one, two] = await pair(stack)
    using _listening = one.bus.onPeers(({ peer }) => assert.fail(`${peer} is not gone`))
    const arrived: number[] = []
    const done = new Promise<void>((resolve) => {
      two.bus.subscribe('c', (_from, bytes) => {
        arrived.push(bytes.readUInt32LE())
        if (arrived.length === messages) resolve()
      })
    })
    const bytes = Buffer.alloc(1000)
    const sendAll = async (from: number, until: number): Promise<void> => {
      for (let number = from; number < until; number++) {
        bytes.writeUInt32LE(number)
        while (!one.bus.send('two' as PeerId, 'c', bytes)) await new Promise(setImmediate)
        if (number % 20 === 0) await new Promise(setImmediate)
      }
    }
    for (const [index, { connection }] of [two, one].entries()) {
      const server = servers.cluster.servers.find(({ address }) => connection.getServer().includes(address))
      assert.ok(server !== undefined)
      const sending = sendAll((index * messages) / 2, ((index + 1) * messages) / 2)
      await server.kill()
      await sending
      await server.start()
    }
    await done
    assert.deepEqual(
      arrived,
      Array.from({ length: messages }, (_, number) => number),
    )
  })

  it('a peer whose connection ends without a word is gone soon', async () => {
    await using stack = new AsyncDisposableStack()
    const prefix = servers.newPrefix()
    const one = await join(prefix, 'one', systemClock, forgiving)
    const two = await join(prefix, 'two')
    stack.defer(() => one.connection.close())
    stack.use(one.bus)
    const gone = left(one.bus, 'two')
    await two.connection.close()
    await gone
    assert.deepEqual(one.bus.peers(), [])
  })

  it('a frozen peer is gone after its time, and when it thaws it learns that', async () => {
    await using stack = new AsyncDisposableStack()
    const clock = new StoppableClock()
    const [one, two] = await pair(stack, clock)
    // It answers nothing any more, and its connection stands.
    clock.stop()
    await left(one.bus, 'two')
    const learned = left(two.bus, 'one')
    clock.goOn()
    await learned
    assert.deepEqual([one.bus.peers(), two.bus.peers()], [[], []])
  })
})
