import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PeerId } from '@hawser/engine'
import { createMemoryBusHub } from '@hawser/engine/memory'
import { milliseconds } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import { turns } from '../testing/brokers-under-test.ts'
import { membersOf } from '../testing/members-of-bus.ts'
import { Cluster } from './cluster.ts'

const text = (value: string): Uint8Array => Buffer.from(value)
const told = (answers: ReadonlyMap<PeerId, Buffer>) => Object.fromEntries([...answers].map(([p, b]) => [p, `${b}`]))

describe('brokers of one log', () => {
  async function three(hub = createMemoryBusHub(), clock = new ManualClock()) {
    const members = ['a', 'b', 'c'].map((name) => membersOf(hub, name))
    const clusters = members.map((each) => new Cluster(each, clock))
    await Promise.all(clusters.map((cluster) => cluster.join()))
    const [a, b, c] = clusters
    assert.ok(a && b && c)
    return { a, b, c, members, clock, hub }
  }

  it('ask each other, and have what each has answered', async () => {
    const { a, b, c } = await three()
    b.questions.answer('who', () => text('b'))
    c.questions.answer('who', async (_from, body) => text(`c was asked ${body}`))
    assert.deepEqual(told(await a.questions.ask('who', text('now'))), { b: 'b', c: 'c was asked now' })
  })

  it('do not wait for one that has no answer, leaves, or says goodbye', async () => {
    const { a, b, c, members } = await three()
    b.questions.answer('who', () => Promise.reject(new Error('busy')))
    c.questions.answer('who', () => new Promise(() => undefined))
    const asked = a.questions.ask('who', text(''))
    await members[2]?.[Symbol.asyncDispose]()
    assert.deepEqual(told(await asked), {})
    b[Symbol.dispose]()
    assert.deepEqual(told(await a.questions.ask('who', text(''))), {})
    await new Promise(setImmediate)
    assert.deepEqual([...a.peers.present], [])
  })

  it('wait for one that is silent no longer than is said', async () => {
    const { a, b, c, clock } = await three()
    b.questions.answer('who', () => new Promise(() => undefined))
    c.questions.answer('who', () => text('c'))
    const asked = a.questions.ask('who', text(''), { answerMsMax: milliseconds(1_000) })
    await turns(4)
    clock.advance(1_001)
    assert.deepEqual(told(await asked), { c: 'c' })
  })

  it('try again what a full queue refuses, in order', async () => {
    const { a, b, clock } = await three(createMemoryBusHub({ queueBytesMax: 200 }))
    const heard: string[] = []
    b.questions.answer('n', (_from, body) => {
      heard.push(body.toString().trim())
      return body
    })
    const asked = [1, 2, 3, 4, 5].map((n) => a.questions.ask('n', text(String(n).padEnd(100))))
    for (let turn = 0; turn < 20; turn++) {
      await new Promise(setImmediate)
      clock.advance(milliseconds(10))
    }
    await Promise.all(asked)
    assert.deepEqual(heard, ['1', '2', '3', '4', '5'])
  })

  it('learn of one that comes later, and it waits until it knows all', async () => {
    const { a, hub, clock } = await three()
    const late = new Cluster(membersOf(hub, 'd'), clock)
    const came: PeerId[] = []
    a.peers.onCame((peer) => came.push(peer))
    await late.join()
    assert.deepEqual([...late.peers.present].sort(), ['a', 'b', 'c'])
    assert.deepEqual(came, ['d'])
  })

  it('do not wait for ever for one that does not listen', async () => {
    const { hub, clock } = await three()
    membersOf(hub, 'deaf')
    const late = new Cluster(membersOf(hub, 'e'), clock)
    const joined = late.join()
    await turns(4)
    clock.advance(2_001)
    await joined
    assert.equal(late.peers.present.has('deaf' as PeerId), false)
  })
})
