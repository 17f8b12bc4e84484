import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type LogId, partition, position } from '@hawser/engine'
import { createMemoryState } from '@hawser/engine/memory'
import { epochMicros } from '@hawser/std'
import type { Message } from './connector.ts'
import { openCursor } from './cursor-store.ts'
import { KeptLetters } from './kept-letters.ts'

const logId = 'log' as LogId
const nothing = Buffer.alloc(0)
const message = (at: number): Message => ({
  ...{ partition: partition(1), position: position(at), topic: `t/${at}`, qos: 1, retain: false, clientId: 'c' },
  ...{ ingestedAt: epochMicros(at), properties: nothing, payload: nothing },
})
const refused = (at: number) => ({ message: message(at), reason: 'no' })
const places = (letters: KeptLetters): readonly number[] => letters.list(100).map(({ position }) => position)

it('are durable with the cursor, and not without it', async () => {
  await using state = createMemoryState()
  const old = await openCursor(state, 'hook', logId)
  const oldLetters = await KeptLetters.open(state, 'hook', logId)
  const step = { partition: partition(1), from: undefined, until: position(9) }
  const owner = await openCursor(state, 'hook', logId)
  const letters = await KeptLetters.open(state, 'hook', logId)
  await assert.rejects(old.advance(step, oldLetters.add([refused(5)])), { code: 'SINK_REFUSED' })
  await owner.advance(step, letters.add([refused(7), refused(6)]))
  assert.deepEqual(places(await KeptLetters.open(state, 'hook', logId)), [6, 7])
  await owner.keep(letters.remove([message(6)]))
  assert.deepEqual(places(await KeptLetters.open(state, 'hook', logId)), [7])
  assert.deepEqual(places(await KeptLetters.open(state, 'hoo', logId)), [])
})

it('are bounded: the oldest are forgotten', async () => {
  await using state = createMemoryState()
  const owner = await openCursor(state, 'hook', logId)
  const letters = await KeptLetters.open(state, 'hook', logId, 3)
  await owner.keep(letters.add([1, 2, 3].map(refused)))
  await owner.keep(letters.add([4, 5].map(refused)))
  assert.deepEqual(places(letters), [3, 4, 5])
  assert.deepEqual(places(await KeptLetters.open(state, 'hook', logId, 3)), [3, 4, 5])
})

it('wait for the writes of the cursor beside them', async () => {
  await using state = createMemoryState()
  const owner = await openCursor(state, 'hook', logId)
  const letters = await KeptLetters.open(state, 'hook', logId)
  const at = partition(1)
  await Promise.all([
    owner.advance({ partition: at, from: undefined, until: position(1) }),
    owner.keep(letters.add([refused(1)])),
    owner.hold(),
    owner.advance({ partition: at, from: position(1), until: position(2) }),
  ])
  assert.deepEqual((await openCursor(state, 'hook', logId)).checkpoint?.cursor, new Map([[at, 2]]))
})
