import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { TopicTable } from './topic-table.ts'

const all = { search: '', offset: 0, limit: 50 }

function message(payload: string, retain = false) {
  const buffer = Buffer.from(`xx${payload}yy`)
  return { buffer, payloadStart: 2, payloadEnd: buffer.length - 2, qos: 0, retain, record: undefined } as const
}

describe('topic table', () => {
  it('keeps the last value, the count and a number a second', () => {
    const clock = new ManualClock()
    const table = new TopicTable(clock)
    for (const value of ['1.5', '2.5', '3.5']) {
      clock.advance(500)
      table.message('sensoren/sine1', message(value))
    }
    const { preview, messages, recent } = table.page(all).items[0] ?? assert.fail()
    assert.deepEqual([preview, messages, recent], ['3.5', 3, [1.5, 3.5]])
  })

  it('finds a number in JSON, and none in words', () => {
    const table = new TopicTable(new ManualClock())
    table.message('a', message('{"machine_id":"M","temperature": 61.25}'))
    table.message('b', message('open'))
    assert.deepEqual(
      table.page(all).items.map(({ recent }) => recent),
      [[61.25], []],
    )
  })

  it('cuts a long payload', () => {
    const table = new TopicTable(new ManualClock())
    table.message('a', message('x'.repeat(10_000)))
    const { preview, payloadBytes } = table.page(all).items[0] ?? assert.fail()
    assert.deepEqual([preview.length, payloadBytes], [256, 10_000])
  })

  it('pages by name', () => {
    const table = new TopicTable(new ManualClock())
    for (const topic of ['c/x', 'a/x', 'b/x', 'b/y']) table.message(topic, message('1'))
    const page = table.page({ search: '/x', offset: 1, limit: 1 })
    assert.deepEqual([page.total, page.matching, page.items.map(({ topic }) => topic)], [4, 3, ['b/x']])
  })

  it('counts what is beyond its bound', () => {
    const table = new TopicTable(new ManualClock())
    for (let n = 0; n < 20_001; n++) table.message(`t/${n}`, message('1'))
    assert.equal(table.page(all).total, 20_000)
    assert.equal(table.untracked, 1)
  })

  it('measures the rate between readings', () => {
    const clock = new ManualClock()
    const table = new TopicTable(clock)
    table.page(all)
    for (let n = 0; n < 20; n++) {
      clock.advance(100)
      table.message('t', message('1'))
    }
    clock.advance(100)
    const rate = table.page(all).items[0]?.ratePerSecond ?? 0
    assert.ok(rate > 9 && rate < 11, String(rate))
  })
})
