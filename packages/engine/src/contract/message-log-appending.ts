import assert from 'node:assert/strict'
import { recordKind } from '../record.ts'
import type { MessageLogUnderTest } from './message-log.ts'
import { append, commitAll, committed, publishRecord, readOwn, recordsOf, type StoredRecord } from './records.ts'
import type { Case } from './under-test.ts'

const burstRecords = 100_000
const numbered = (count: number) => Array.from({ length: count }, (_, index) => publishRecord('n', `${index}`))

export function appendingCases(underTest: MessageLogUnderTest, test: Case): void {
  test('tickets count up by one from 0', async () => {
    await using log = await underTest.open()
    assert.equal(log.lastTicket, -1)
    assert.deepEqual([append(log, publishRecord('a', '1')), append(log, publishRecord('b', '2'))], [0, 1])
    await committed(log)
    assert.equal(append(log, publishRecord('c', '3')), 2)
    await committed(log)
  })

  test('committed batches bring each record once, in order, as it was reserved', async () => {
    await using log = await underTest.open()
    const records = Array.from({ length: 500 }, (_, index) => ({
      kind: 1 + (index % 3),
      flags: index % 256,
      topic: index % 7 === 0 ? '' : `topic/${'ü'.repeat(index % 5)}/${index}`,
      body: 'x'.repeat(index),
    }))
    const seen: StoredRecord[] = []
    let nextTicket = 0
    using _listening = log.onCommit((batch) => {
      assert.equal(batch.partition, log.own)
      assert.equal(batch.firstTicket, nextTicket)
      nextTicket += batch.count
      seen.push(...recordsOf(batch))
    })
    await commitAll(log, records.slice(0, 100))
    await commitAll(log, records.slice(100))
    assert.deepEqual(
      seen.map(({ position: _, ...record }) => record),
      records,
    )
    for (const [index, record] of seen.entries()) {
      assert.ok(index === 0 || record.position > (seen[index - 1]?.position ?? 0), 'positions must grow')
    }
    assert.deepEqual(await readOwn(log), seen)
  })

  test('nothing is visible before its commit, everything in the call that commits it', async () => {
    await using log = await underTest.open()
    const endOf = () => log.partitions().find((range) => range.partition === log.own)?.end ?? 0
    await commitAll(log, [publishRecord('a', 'before')])
    const endBefore = endOf()
    let commits = 0
    using _listening = log.onCommit((batch) => {
      commits++
      assert.ok(endOf() > (batch.positions[batch.count - 1] ?? 0))
    })
    append(log, publishRecord('a', 'after'))
    assert.equal(endOf(), endBefore)
    assert.equal(commits, 0)
    await committed(log)
    assert.ok(endOf() > endBefore)
    assert.equal(commits, 1)
  })

  test('every listener gets every batch until it is disposed', async () => {
    await using log = await underTest.open()
    const counts = { first: 0, second: 0 }
    using _first = log.onCommit((batch) => {
      counts.first += batch.count
    })
    const second = log.onCommit((batch) => {
      counts.second += batch.count
    })
    await commitAll(log, numbered(3))
    second[Symbol.dispose]()
    await commitAll(log, numbered(2))
    assert.deepEqual(counts, { first: 5, second: 3 })
  })

  test('a listener may append, and what it appends comes in a later batch', async () => {
    await using log = await underTest.open()
    const bodies: string[] = []
    let inCall = false
    using _listening = log.onCommit((batch) => {
      assert.ok(!inCall, 'a batch must not come inside the call of another')
      inCall = true
      for (const record of recordsOf(batch)) {
        bodies.push(record.body)
        if (record.body.length < 5) append(log, publishRecord('echo', `${record.body}!`))
      }
      inCall = false
    })
    append(log, publishRecord('echo', '0'))
    await committed(log, 4)
    assert.deepEqual(bodies, ['0', '0!', '0!!', '0!!!', '0!!!!'])
  })

  test(`a burst of ${burstRecords} records in one turn keeps its order`, async () => {
    await using log = await underTest.open()
    const records = numbered(burstRecords)
    await commitAll(log, records)
    const stored = await readOwn(log)
    assert.equal(stored.length, burstRecords)
    assert.ok(stored.every((record, index) => record.body === `${index}`))
  })

  test('records from empty to the largest stand side by side', async () => {
    await using log = await underTest.open()
    const topic = 't'.repeat(65_535)
    const largestBody = Math.min(log.recordBytesMax, 2 << 20) - 16 - topic.length
    const records = [
      publishRecord('e', ''),
      publishRecord(topic, 'L'.repeat(largestBody)),
      { kind: recordKind.session, flags: 255, topic: '', body: '' },
      publishRecord('m', 'M'.repeat(300_000)),
      publishRecord('e', 'last'),
    ]
    await commitAll(log, records)
    const stored = await readOwn(log)
    assert.deepEqual(
      stored.map(({ position: _, ...record }) => record),
      records,
    )
  })

  test('a record over the limit is a RangeError and takes no ticket', async () => {
    await using log = await underTest.open()
    assert.throws(() => log.reserve(recordKind.publish, 0, 1, log.recordBytesMax), RangeError)
    assert.equal(log.lastTicket, -1)
    await commitAll(log, [publishRecord('a', 'fits')])
    assert.deepEqual(
      (await readOwn(log)).map((record) => record.body),
      ['fits'],
    )
  })
}
