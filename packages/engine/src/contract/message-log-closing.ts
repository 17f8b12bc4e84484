import assert from 'node:assert/strict'
import { position, reserveRefused } from '../log.ts'
import { recordKind } from '../record.ts'
import type { MessageLogUnderTest } from './message-log.ts'
import { append, collect, commitAll, publishRecord, readOwn, recordsOf, type StoredRecord, span } from './records.ts'
import type { Case } from './under-test.ts'

export function closingCases(underTest: MessageLogUnderTest, test: Case): void {
  test('disposing commits what was reserved', async () => {
    const log = await underTest.open()
    const bodies: string[] = []
    log.onCommit((batch) => bodies.push(...recordsOf(batch).map((record) => record.body)))
    append(log, publishRecord('a', '1'))
    append(log, publishRecord('a', '2'))
    await log[Symbol.asyncDispose]()
    assert.deepEqual(bodies, ['1', '2'])
  })

  test('a disposed log takes nothing, reads nothing, and says LOG_CLOSED', async () => {
    const log = await underTest.open()
    await commitAll(log, [publishRecord('a', '1')])
    const reader = log.read(log.own, position(0))[Symbol.asyncIterator]()
    await reader.next()
    await log[Symbol.asyncDispose]()
    await log[Symbol.asyncDispose]()
    assert.ok(log.status.kind === 'failed' && log.status.error.code === 'LOG_CLOSED')
    assert.equal(log.reserve(recordKind.publish, 0, 1, 1), reserveRefused)
    await assert.rejects(readOwn(log), { code: 'LOG_CLOSED' })
    await assert.rejects(collect(log.find(log.own, position(0), [span('#')])), { code: 'LOG_CLOSED' })
    await assert.rejects(async () => reader.next(), { code: 'LOG_CLOSED' })
  })

  test('every log has a name of its own', async () => {
    await using one = await underTest.open()
    await using other = await underTest.open()
    assert.notEqual(one.id, other.id)
  })

  const { reopen } = underTest
  if (reopen === undefined) return
  test('opened again it holds all that was committed, and goes on behind it', async () => {
    let log = await underTest.open()
    const { id } = log
    let expected: StoredRecord[] = []
    for (let round = 0; round < 4; round++) {
      await commitAll(
        log,
        Array.from({ length: 200 }, (_, index) => publishRecord(`r/${index % 3}`, `${round}:${index}`, index % 8)),
      )
      const stored = await readOwn(log)
      assert.deepEqual(stored.slice(0, expected.length), expected)
      assert.equal(stored.length, expected.length + 200)
      expected = stored
      await log[Symbol.asyncDispose]()
      log = await reopen(log)
      assert.equal(log.id, id)
      assert.equal(log.lastTicket, -1)
      assert.deepEqual(await readOwn(log), expected)
      assert.deepEqual(
        await collect(log.find(log.own, position(0), [span('r/1')])),
        expected.filter((record) => record.topic === 'r/1'),
      )
    }
    await log[Symbol.asyncDispose]()
  })
}
