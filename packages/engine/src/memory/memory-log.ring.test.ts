/** What is the memory log's own: its bound, its refusal, and commits that come when told. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { append, collect, publishRecord, readOwn, recordsOf, span } from '../contract/mod.ts'
import { type MessageLog, position, reserveRefused } from '../log.ts'
import { recordKind } from '../record.ts'
import { createMemoryLog, type MemoryLogOptions } from './memory-log.ts'

const bytesMax = 64 << 10

/** A log that commits when it is told to. */
function openTold(options: MemoryLogOptions = {}): { readonly log: MessageLog; readonly commit: () => void } {
  let flush: (() => void) | undefined
  const schedule = (scheduled: () => void): void => {
    assert.equal(flush, undefined, 'one commit is scheduled at a time')
    flush = scheduled
  }
  const commit = (): void => {
    const scheduled = flush
    flush = undefined
    scheduled?.()
  }
  return { log: createMemoryLog({ bytesMax, schedule, ...options }), commit }
}

const startOf = (log: MessageLog) => log.partitions()[0]?.start ?? Number.NaN
const bytesOf = (log: MessageLog) => log.partitions()[0]?.bytes ?? Number.NaN

describe('memory log, the ring', () => {
  it('commits when told, once for all that was reserved', async () => {
    const { log, commit } = openTold()
    await using _log = log
    const batches: string[][] = []
    log.onCommit((batch) => batches.push(recordsOf(batch).map((record) => record.body)))
    append(log, publishRecord('a', '1'))
    append(log, publishRecord('a', '2'))
    assert.deepEqual(await readOwn(log), [])
    commit()
    append(log, publishRecord('a', '3'))
    commit()
    assert.deepEqual(batches, [['1', '2'], ['3']])
    assert.equal((await readOwn(log)).length, 3)
  })

  it('never holds more than its bytes, forgets the oldest, and keeps most of what fits', async () => {
    const { log, commit } = openTold()
    await using _log = log
    for (let index = 0; index < 5000; index++) {
      append(log, publishRecord('a', `${index}:${'x'.repeat(index % 500)}`))
      if (index % 7 === 0) commit()
      assert.ok(bytesOf(log) <= bytesMax)
    }
    commit()
    assert.ok(bytesOf(log) > (bytesMax * 3) / 4)
    assert.ok(startOf(log) > 4000)
    const kept = await readOwn(log, startOf(log))
    assert.equal(kept.at(-1)?.body.split(':')[0], '4999')
  })

  it('refuses what would push out the uncommitted, is full meanwhile, and opens again with the commit', async () => {
    const { log, commit } = openTold()
    await using _log = log
    const statuses: string[] = []
    log.onStatus((status) => statuses.push(status.kind))
    let reserved = 0
    assert.equal(log.congested, false)
    while (log.reserve(recordKind.publish, 0, 0, 1000) !== reserveRefused) reserved++
    assert.ok(reserved > 50 && reserved * 1008 <= bytesMax)
    assert.ok(log.congested)
    assert.ok(log.status.kind === 'full' && log.status.error.code === 'DISK_FULL' && log.status.error.retryable)
    assert.equal(log.lastTicket, reserved - 1)
    commit()
    assert.deepEqual(statuses, ['full', 'open'])
    assert.equal(log.congested, false)
    assert.equal((await readOwn(log)).length, reserved)
    assert.equal(append(log, publishRecord('a', 'next')), reserved)
  })

  it('a listener that appends more than the ring holds does not spoil the batch in its hands', async () => {
    const { log, commit } = openTold()
    await using _log = log
    // So large that nothing else fits beside it: its part of the ring can be given up as soon as it is committed.
    const body = 'b'.repeat(3000)
    append(log, publishRecord('mine', body))
    let checked = false
    log.onCommit((batch) => {
      if (batch.firstTicket > 0) return
      const before = recordsOf(batch)
      while (log.reserve(recordKind.publish, 0, 0, 3000) !== reserveRefused) log.buffer.fill('z', 8)
      assert.deepEqual(recordsOf(batch), before)
      checked = true
    })
    commit()
    assert.ok(checked)
  })

  it('a reader that is overtaken is told so, and the batch in its hands stays good', async () => {
    const { log, commit } = openTold()
    await using _log = log
    append(log, publishRecord('a', 'first'))
    commit()
    const reader = log.read(log.own, position(0))[Symbol.asyncIterator]()
    const searcher = log.find(log.own, position(0), [span('#')])[Symbol.asyncIterator]()
    const batches = [(await reader.next()).value, (await searcher.next()).value]
    for (let index = 0; index < 1000; index++) {
      append(log, publishRecord('b', 'x'.repeat(500)))
      commit()
    }
    for (const batch of batches) assert.equal(batch && recordsOf(batch)[0]?.body, 'first')
    await assert.rejects(async () => reader.next(), { code: 'POSITION_GONE' })
    await assert.rejects(async () => searcher.next(), { code: 'POSITION_GONE' })
  })

  it('another partition than its own is not there', async () => {
    const { log } = openTold()
    await using _log = log
    const other = (log.own + 1) as typeof log.own
    await assert.rejects(collect(log.read(other, position(0))), { code: 'POSITION_GONE' })
  })
})
