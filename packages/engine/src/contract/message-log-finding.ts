import assert from 'node:assert/strict'
import { appendBarrier } from '../barrier-record.ts'
import { type FilterSpan, type MessageLog, partition, position } from '../log.ts'
import { recordKind } from '../record.ts'
import type { MessageLogUnderTest } from './message-log.ts'
import { append, collect, commitAll, publishRecord, readOwn, span } from './records.ts'
import type { Case } from './under-test.ts'

const manyTopics = 5000
const barrierRounds = 150

const find = async (log: MessageLog, spans: readonly FilterSpan[], from = 0): Promise<string[]> =>
  (await collect(log.find(log.own, position(from), spans))).map((record) => record.body)

export function findingCases(underTest: MessageLogUnderTest, test: Case): void {
  test('finds by exact topic, + and #, and keeps $ topics from leading wildcards', async () => {
    await using log = await underTest.open()
    const topics = ['a', 'a/b', 'a/b/c', 'b/b', 'a/', '/a', '$SYS/a', 'ä/b', 'A/b', 'a/b']
    await commitAll(
      log,
      topics.map((topic, index) => publishRecord(topic, `${index}`)),
    )
    const expectations: Readonly<Record<string, readonly number[]>> = {
      'a/b': [1, 9],
      a: [0],
      '+/b': [1, 3, 7, 8, 9],
      'a/+': [1, 4, 9],
      'a/#': [0, 1, 2, 4, 9],
      '+/+/c': [2],
      '/+': [5],
      '#': [0, 1, 2, 3, 4, 5, 7, 8, 9],
      '$SYS/#': [6],
      '$SYS/+': [6],
      '+/a': [5],
      'ä/b': [7],
      'c/#': [],
      'a/b/c/d': [],
    }
    for (const [filter, indexes] of Object.entries(expectations)) {
      assert.deepEqual(await find(log, [span(filter)]), indexes.map(String), `filter ${filter}`)
    }
    assert.deepEqual(await find(log, []), [])
  })

  test('only publish records are found', async () => {
    await using log = await underTest.open()
    await commitAll(log, [
      { kind: recordKind.session, flags: 0, topic: 'a', body: 'session' },
      publishRecord('a', 'publish', 0b0101),
      { kind: recordKind.horizon, flags: 0, topic: 'a', body: 'horizon' },
    ])
    const found = await collect(log.find(log.own, position(0), [span('#')]))
    assert.deepEqual(found, (await readOwn(log)).slice(1, 2))
  })

  test('every barrier is found, whatever the spans', async () => {
    await using log = await underTest.open()
    for (let round = 0; round < barrierRounds; round++) {
      const records = Array.from({ length: 10 }, (_, index) => publishRecord(`t/${index}`, 'x'.repeat(2000)))
      for (const record of records) append(log, record)
      assert.ok(appendBarrier(log, new Map([[partition(7), position(round)]])))
      await commitAll(log, [publishRecord('t/3', `${round}`)])
    }
    const stored = await readOwn(log)
    const barriers = stored.filter(({ kind }) => kind === recordKind.barrier)
    assert.equal(barriers.length, barrierRounds)
    const findFrom = (spans: readonly FilterSpan[], from = 0) => collect(log.find(log.own, position(from), spans))
    assert.deepEqual(await findFrom([]), barriers)
    assert.deepEqual(await findFrom([span('none'), span('#', 5, 5)]), barriers)
    assert.deepEqual(await findFrom([span('none/+')], barriers[3]?.position), barriers.slice(3))
    const some = stored.filter(({ kind, topic }) => kind === recordKind.barrier || topic === 't/3')
    assert.deepEqual(await findFrom([span('+/3')]), some)
  })

  test('a span counts from since on and until before until', async () => {
    await using log = await underTest.open()
    await commitAll(
      log,
      Array.from({ length: 20 }, (_, index) => publishRecord(index % 2 === 0 ? 'even' : 'odd', `${index}`)),
    )
    const at = (await readOwn(log)).map((record) => record.position)
    assert.deepEqual(await find(log, [span('even', at[4], at[10])]), ['4', '6', '8'])
    assert.deepEqual(await find(log, [span('+', at[17])]), ['17', '18', '19'])
    assert.deepEqual(await find(log, [span('odd', 0, at[3]), span('#', at[18])]), ['1', '18', '19'])
    assert.deepEqual(await find(log, [span('even', at[4], at[10])], at[7]), ['8'])
    assert.deepEqual(await find(log, [span('even', at[6], at[6])]), [])
  })

  test('overlapping filters find each record once, in order', async () => {
    await using log = await underTest.open()
    await commitAll(
      log,
      Array.from({ length: 50 }, (_, index) => publishRecord(`s/${index % 5}`, `${index}`)),
    )
    const spans = [span('#'), span('s/+'), span('s/1'), span('s/1'), span('s/#')]
    assert.deepEqual(
      await find(log, spans),
      Array.from({ length: 50 }, (_, index) => `${index}`),
    )
  })

  test('finds a few among many topics and many commits', async () => {
    await using log = await underTest.open()
    for (let turn = 0; turn < 4; turn++) {
      await commitAll(
        log,
        Array.from({ length: manyTopics }, (_, index) =>
          publishRecord(`site/${index % 50}/machine/${index}/state`, `${turn}:${index}`),
        ),
      )
    }
    const byTurn = (indexes: readonly number[]) =>
      [0, 1, 2, 3].flatMap((turn) => indexes.map((index) => `${turn}:${index}`))
    assert.deepEqual(await find(log, [span('site/7/machine/4907/state')]), byTurn([4907]))
    assert.deepEqual(await find(log, [span('+/+/machine/4907/+'), span('site/3/machine/3/state')]), byTurn([3, 4907]))
    assert.equal((await find(log, [span('site/49/#')])).length, (4 * manyTopics) / 50)
    const exact = Array.from({ length: 500 }, (_, index) => span(`site/${index % 50}/machine/${index}/state`))
    assert.deepEqual(await find(log, exact), byTurn(Array.from({ length: 500 }, (_, index) => index)))
  })
}
