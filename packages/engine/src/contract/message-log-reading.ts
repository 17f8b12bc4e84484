import assert from 'node:assert/strict'
import { type MessageLog, position } from '../log.ts'
import type { MessageLogUnderTest } from './message-log.ts'
import { append, collect, commitAll, publishRecord, readOwn, recordsOf, span } from './records.ts'
import type { Case } from './under-test.ts'

const forgetBytesMax = 64 << 20
const ownRange = (log: MessageLog) => log.partitions().find((range) => range.partition === log.own)

export function readingCases(underTest: MessageLogUnderTest, test: Case): void {
  test('an empty log has nothing to read or find', async () => {
    await using log = await underTest.open()
    const range = ownRange(log)
    assert.equal(range?.start, range?.end)
    assert.deepEqual(await readOwn(log), [])
    assert.deepEqual(await collect(log.find(log.own, position(0), [span('#')])), [])
  })

  test('reading starts at any position and ends at the end', async () => {
    await using log = await underTest.open()
    for (let turn = 0; turn < 10; turn++) {
      await commitAll(
        log,
        Array.from({ length: 30 }, (_, index) => publishRecord(`t/${index % 4}`, `${turn}/${index}`)),
      )
    }
    const all = await readOwn(log)
    assert.equal(all.length, 300)
    for (let index = 0; index < all.length; index += 17) {
      assert.deepEqual(await readOwn(log, all[index]?.position), all.slice(index))
    }
    const end = ownRange(log)?.end ?? Number.NaN
    assert.deepEqual(await readOwn(log, end), [])
    assert.deepEqual(await readOwn(log, end + 1000), [])
  })

  test('a reader gets what is committed while it reads, and never what is not', async () => {
    await using log = await underTest.open()
    await commitAll(log, [publishRecord('a', '0')])
    const bodies: string[] = []
    for await (const batch of log.read(log.own, position(0))) {
      for (const record of recordsOf(batch)) {
        assert.ok(record.position < (ownRange(log)?.end ?? 0))
        bodies.push(record.body)
      }
      if (bodies.length < 5) await commitAll(log, [publishRecord('a', `${bodies.length}`)])
    }
    assert.deepEqual(bodies, ['0', '1', '2', '3', '4'])
  })

  test('what is reserved and not committed is neither read nor found', async () => {
    await using log = await underTest.open()
    await commitAll(log, [publishRecord('a', 'committed')])
    append(log, publishRecord('a', 'perhaps not'))
    const readers = [log.read(log.own, position(0)), log.find(log.own, position(0), [span('a')])]
    for (const reader of readers) {
      for await (const batch of reader) {
        for (const record of recordsOf(batch)) assert.ok(record.position < (ownRange(log)?.end ?? 0))
      }
    }
  })

  test('a batch stays as it is until the next is asked for, whatever is appended meanwhile', async () => {
    await using log = await underTest.open()
    await commitAll(log, [publishRecord('keep', 'kept'.repeat(100))])
    const reader = log.read(log.own, position(0))[Symbol.asyncIterator]()
    const { value: batch } = await reader.next()
    assert.ok(batch !== undefined)
    const before = recordsOf(batch)
    for (let turn = 0; turn < 20; turn++) await commitAll(log, [publishRecord('other', 'o'.repeat(200_000))])
    assert.deepEqual(recordsOf(batch), before)
    await reader.return?.()
  })

  test('an abort ends reading and finding with its reason', async () => {
    await using log = await underTest.open()
    await commitAll(log, [publishRecord('a', '1')])
    const reason = new Error('enough')
    const aborted = AbortSignal.abort(reason)
    await assert.rejects(collect(log.read(log.own, position(0), aborted)), reason)
    await assert.rejects(collect(log.find(log.own, position(0), [span('a')], aborted)), reason)
    const aborting = new AbortController()
    const reader = log.read(log.own, position(0), aborting.signal)[Symbol.asyncIterator]()
    assert.equal((await reader.next()).done, false)
    aborting.abort(reason)
    append(log, publishRecord('a', '2'))
    await assert.rejects(async () => reader.next(), reason)
  })

  test('nothing at or above the floor is deleted', async () => {
    await using log = await underTest.open()
    await commitAll(
      log,
      Array.from({ length: 100 }, (_, index) => publishRecord('a', `${index}`)),
    )
    const all = await readOwn(log)
    const floor = all[60]?.position ?? Number.NaN
    log.setFloor(new Map([[log.own, position(floor)]]))
    await commitAll(log, [publishRecord('a', '100')])
    assert.deepEqual((await readOwn(log, floor)).slice(0, -1), all.slice(60))
  })

  const { openForgetful } = underTest
  if (openForgetful === undefined) return
  test('what is forgotten is POSITION_GONE, and the rest is there', async () => {
    await using log = await openForgetful()
    const body = 'x'.repeat(4096)
    let lastWritten = -1
    for (let bytes = 0; bytes < forgetBytesMax && (ownRange(log)?.start ?? 0) === 0; ) {
      await commitAll(
        log,
        Array.from({ length: 16 }, () => publishRecord('a', `${++lastWritten}:${body}`)),
      )
      bytes += 16 * body.length
      log.setFloor(new Map([[log.own, ownRange(log)?.end ?? position(0)]]))
    }
    const range = ownRange(log)
    assert.ok(range !== undefined && range.start > 0, 'the oldest records must make way')
    await assert.rejects(readOwn(log, range.start - 1), { code: 'POSITION_GONE' })
    await assert.rejects(collect(log.find(log.own, position(0), [span('a')])), { code: 'POSITION_GONE' })
    const rest = await readOwn(log, range.start)
    assert.ok(rest.length > 0)
    assert.equal(rest.at(-1)?.body, `${lastWritten}:${body}`)
    assert.deepEqual(await collect(log.find(log.own, range.start, [span('a')])), rest)
  })
}
