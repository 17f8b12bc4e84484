/** What every `Bus` must do. */
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { Bus, PeerChange, PeerId } from '../bus.ts'
import { casesOf, type UnderTest } from './under-test.ts'

/** Where buses meet. */
export interface BusNetwork extends AsyncDisposable {
  /** Resolves once the bus knows all who have joined before it. */
  join(self: PeerId): Promise<Bus>
}

export type BusUnderTest = Omit<UnderTest<BusNetwork>, 'reopen'>

const floodBytesMax = 512 << 20
const peer = (name: string) => name as PeerId

/** Resolves with the first `count` messages of a channel, as text. */
function received(bus: Bus, channel: string, count: number): Promise<string[]> {
  const messages: string[] = []
  return new Promise((resolve) => {
    const subscription = bus.subscribe(channel, (from, bytes) => {
      messages.push(`${from}: ${bytes.toString()}`)
      if (messages.length < count) return
      subscription[Symbol.dispose]()
      resolve(messages)
    })
  })
}

function changed(bus: Bus, kind: PeerChange['kind'], who: string): Promise<void> {
  return new Promise((resolve) => {
    const listening = bus.onPeers((change) => {
      if (change.kind !== kind || change.peer !== who) return
      listening[Symbol.dispose]()
      resolve()
    })
  })
}

/** Two buses that know each other. */
async function pair(network: BusNetwork): Promise<readonly [Bus, Bus]> {
  const one = await network.join(peer('one'))
  const seen = changed(one, 'joined', 'two')
  const two = await network.join(peer('two'))
  await seen
  return [one, two]
}

export function busContract(underTest: BusUnderTest): void {
  const test = casesOf(underTest)
  describe(`${underTest.name}: bus`, () => {
    test('alone it has no peers, and nothing to send to', async () => {
      await using network = await underTest.open()
      await using bus = await network.join(peer('alone'))
      assert.equal(bus.self, 'alone')
      assert.deepEqual(bus.peers(), [])
      assert.equal(bus.send(peer('nobody'), 'c', Buffer.from('x')), false)
      assert.equal(bus.send(bus.self, 'c', Buffer.from('x')), false)
      assert.equal(bus.broadcast('c', Buffer.from('x')), true)
    })

    test('who joins knows those before it, and they learn of it', async () => {
      await using network = await underTest.open()
      const [one, two] = await pair(network)
      await using _one = one
      await using _two = two
      const changes: PeerChange[] = []
      using _listening = one.onPeers((change) => changes.push(change))
      const seen = Promise.all([changed(one, 'joined', 'three'), changed(two, 'joined', 'three')])
      await using three = await network.join(peer('three'))
      assert.deepEqual([...three.peers()].sort(), ['one', 'two'])
      await seen
      assert.deepEqual([...one.peers()].sort(), ['three', 'two'])
      assert.deepEqual(changes, [{ kind: 'joined', peer: 'three' }])
    })

    test('what a peer sends to a newcomer at once is heard by whoever subscribes on joining', async () => {
      await using network = await underTest.open()
      await using one = await network.join(peer('one'))
      using _greeting = one.onPeers((change) => {
        for (let index = 0; index < 3; index++) one.send(change.peer, 'welcome', Buffer.from(`${index}`))
      })
      await using two = await network.join(peer('two'))
      assert.deepEqual(await received(two, 'welcome', 3), ['one: 0', 'one: 1', 'one: 2'])
    })

    test('who leaves is gone for the others, and may come again', async () => {
      await using network = await underTest.open()
      const [one, two] = await pair(network)
      await using _one = one
      const left = changed(one, 'left', 'two')
      await two[Symbol.asyncDispose]()
      await left
      assert.deepEqual(one.peers(), [])
      assert.equal(one.send(peer('two'), 'c', Buffer.from('late')), false)
      const joined = changed(one, 'joined', 'two')
      await using again = await network.join(peer('two'))
      await joined
      const arriving = received(again, 'c', 1)
      assert.equal(one.send(peer('two'), 'c', Buffer.from('hello again')), true)
      assert.deepEqual(await arriving, ['one: hello again'])
    })

    test('messages of a sender arrive in order, on their channel alone', async () => {
      await using network = await underTest.open()
      const [one, two] = await pair(network)
      await using _one = one
      await using _two = two
      const count = 5000
      const arriving = received(two, 'even', count)
      using _odd = two.subscribe('odd', (_from, bytes) => assert.equal(Number(bytes.toString()) % 2, 1))
      for (let index = 0; index < count * 2; index++) {
        assert.ok(one.send(two.self, index % 2 === 0 ? 'even' : 'odd', Buffer.from(`${index}`)))
        if (index % 1000 === 0) await new Promise(setImmediate)
      }
      assert.deepEqual(
        await arriving,
        Array.from({ length: count }, (_, index) => `one: ${index * 2}`),
      )
    })

    test('a broadcast reaches all the others and not its sender', async () => {
      await using network = await underTest.open()
      const [one, two] = await pair(network)
      await using _one = one
      await using _two = two
      const seen = Promise.all([changed(one, 'joined', 'three'), changed(two, 'joined', 'three')])
      await using three = await network.join(peer('three'))
      await seen
      using _self = one.subscribe('c', () => assert.fail('its own broadcast'))
      const arriving = Promise.all([received(two, 'c', 1), received(three, 'c', 1)])
      assert.equal(one.broadcast('c', Buffer.from('all')), true)
      assert.deepEqual(await arriving, [['one: all'], ['one: all']])
    })

    test('the bytes are copied before the call returns, and nothing arrives inside it', async () => {
      await using network = await underTest.open()
      const [one, two] = await pair(network)
      await using _one = one
      await using _two = two
      const arriving = received(two, 'c', 2)
      let returned = false
      using _listening = two.subscribe('c', () => assert.ok(returned))
      const bytes = Buffer.from('first')
      one.send(two.self, 'c', bytes)
      bytes.write('SECND')
      one.send(two.self, 'c', bytes)
      bytes.fill('x')
      returned = true
      assert.deepEqual(await arriving, ['one: first', 'one: SECND'])
    })

    test('messages from empty to megabytes arrive whole, on channels of any name', async () => {
      await using network = await underTest.open()
      const [one, two] = await pair(network)
      await using _one = one
      await using _two = two
      const sizes = [0, 1, 65_535, 65_536, 3 << 20, 7]
      const arriving = received(two, 'kanäl/é', sizes.length)
      for (const size of sizes) assert.ok(one.send(two.self, 'kanäl/é', Buffer.alloc(size, 'a')))
      assert.ok((await arriving).every((message, index) => message.length === 'one: '.length + (sizes[index] ?? 0)))
    })

    test('a full queue answers false, drops that copy alone, and takes again once it has drained', async () => {
      await using network = await underTest.open()
      const [one, two] = await pair(network)
      await using _one = one
      await using _two = two
      const bytes = Buffer.alloc(256 << 10)
      let accepted = 0
      let offered = 0
      for (let full = false; !full && offered * bytes.length < floodBytesMax; offered++) {
        bytes.writeUInt32LE(offered)
        full = !one.send(two.self, 'flood', bytes)
        if (!full) accepted++
      }
      assert.ok(accepted > 0 && accepted < offered, 'the queue must have a bound')
      assert.equal(one.broadcast('flood', bytes), false)
      const numbers: number[] = []
      await new Promise<void>((resolve) => {
        two.subscribe('flood', (_from, message) => {
          numbers.push(message.readUInt32LE())
          if (numbers.length === accepted) resolve()
        })
      })
      assert.deepEqual(
        numbers,
        Array.from({ length: accepted }, (_, index) => index),
      )
      const arriving = received(two, 'after', 1)
      assert.equal(one.send(two.self, 'after', Buffer.from('drained')), true)
      assert.deepEqual(await arriving, ['one: drained'])
    })

    test('what was sent before leaving arrives; a closed bus is silent', async () => {
      await using network = await underTest.open()
      const [one, two] = await pair(network)
      await using _two = two
      let arrived = 0
      using _listening = two.subscribe('c', () => arrived++)
      const arrivedBeforeLeft = changed(two, 'left', 'one').then(() => arrived)
      for (let index = 0; index < 100; index++) one.send(two.self, 'c', Buffer.from(`${index}`))
      await one[Symbol.asyncDispose]()
      await one[Symbol.asyncDispose]()
      assert.equal(await arrivedBeforeLeft, 100)
      assert.deepEqual(one.peers(), [])
      assert.equal(one.send(two.self, 'c', Buffer.from('x')), false)
    })

    test('a disposed listener hears nothing more', async () => {
      await using network = await underTest.open()
      const [one, two] = await pair(network)
      await using _one = one
      await using _two = two
      const silent = two.subscribe('c', () => assert.fail('it was disposed'))
      silent[Symbol.dispose]()
      const peersSilent = two.onPeers(() => assert.fail('it was disposed'))
      peersSilent[Symbol.dispose]()
      const arriving = received(two, 'c', 1)
      one.send(two.self, 'c', Buffer.from('heard'))
      await arriving
      const left = changed(two, 'left', 'one')
      await one[Symbol.asyncDispose]()
      await left
    })
  })
}
