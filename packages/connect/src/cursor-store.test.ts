import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type LogId, partition, position } from '@hawser/engine'
import { createMemoryState } from '@hawser/engine/memory'
import { openCursor } from './cursor-store.ts'

const logId = 'log' as LogId
const lane = partition(2)
const step = (from: number | undefined, until: number) => ({
  partition: lane,
  from: from === undefined ? undefined : position(from),
  until: position(until),
})

it('is where it was left, under the log that it belongs to', async () => {
  await using state = createMemoryState()
  const first = await openCursor(state, 'kafka', logId)
  assert.equal(first.checkpoint, undefined)
  await first.advance(step(undefined, 5))
  await first.advance(step(5, 9))
  const again = await openCursor(state, 'kafka', 'another' as LogId)
  assert.deepEqual(again.checkpoint, { logId, cursor: new Map([[lane, 9]]) })
  assert.equal((await openCursor(state, 'other', logId)).checkpoint, undefined)
})

it('refuses an owner after another has come, whether or not that one has written', async () => {
  await using state = createMemoryState()
  const old = await openCursor(state, 'kafka', logId)
  await old.hold()
  const next = await openCursor(state, 'kafka', logId)
  await assert.rejects(old.hold(), { code: 'SINK_REFUSED', retryable: false })
  await assert.rejects(old.advance(step(undefined, 5)), { code: 'SINK_REFUSED', retryable: false })
  await next.hold()
  await next.advance(step(undefined, 3))
})

it('lets one of two have it that come at the same time', async () => {
  await using state = createMemoryState()
  const opened = await Promise.allSettled([openCursor(state, 'kafka', logId), openCursor(state, 'kafka', logId)])
  const held = await Promise.allSettled(
    opened.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.hold()] : [])),
  )
  assert.equal(held.filter(({ status }) => status === 'fulfilled').length, 1)
})

it('does not move from where it is not', async () => {
  await using state = createMemoryState()
  const cursor = await openCursor(state, 'kafka', logId)
  await assert.rejects(cursor.advance(step(4, 9)), { code: 'SINK_REFUSED', retryable: true })
})

it('refuses a row of a newer program', async () => {
  await using state = createMemoryState()
  const value = Buffer.from('{"version":2}')
  await state.write([{ table: 'connector', key: 'kafka', value }])
  await assert.rejects(openCursor(state, 'kafka', logId), { code: 'DATA_DIR_VERSION' })
})
