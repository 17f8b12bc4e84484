/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the connector */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryState } from '@hawser/engine/memory'
import { append, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { connectorContract } from '../contract/connector.contract.ts'
import { memorySink } from '../contract/memory-sink.ts'
import { refusedTopic } from '../contract/under-test.ts'
import { ruledConnector } from './ruled-connector.ts'
import type { RuleSettings, RulesSettings } from './settings.ts'

const routing: RulesSettings = { rules: [{ name: 'all', filter: '#', route: '${topic.1}' }], unmatched: 'drop' }

connectorContract({
  name: 'memory, behind rules',
  open: async () => {
    const sink = await memorySink()
    const plain = sink.connector.bind(sink)
    const state = createMemoryState()
    return Object.assign(sink, {
      connector: (filters: readonly string[]) => ruledConnector(plain(filters), routing, state),
    })
  },
})

it('counts what is dropped, keeps aside what a rule fails on, and takes it by the rules as they are later', async () => {
  await using sink = await memorySink()
  await using log = contractLog()
  const state = createMemoryState()
  const ruled = (...rules: readonly RuleSettings[]) =>
    ruledConnector(sink.connector(['t/#']), { rules, unmatched: 'pass' }, state)
  for (const [topic, payload] of [
    ['t/a', '{"v":1}'],
    ['t/noise', 'x'],
    ['t/b', 'no json'],
    ['t/a', '{"v":2}'],
  ] as const)
    append(log, topic, payload)
  await committed(log)
  const noise = { name: 'noise', filter: 't/noise', drop: true }
  const first = ruled(noise, { name: 'small', filter: 't/+', keep: ['v'] })
  {
    await using watched = watch(log, first)
    const { written, deadLetters, dropped } = await watched.until(isCaughtUp)
    assert.deepEqual({ written, deadLetters, dropped }, { written: 2, deadLetters: 1, dropped: 1 })
    const [letter, ...others] = await watched.run.deadLetters(10)
    assert.deepEqual([letter?.topic, others.length], ['t/b', 0])
    assert.match(letter?.reason ?? '', /^rule small: the payload is no JSON: /)
    assert.deepEqual(await watched.run.replay(), { written: 0, refused: 1, gone: 0 })
    assert.equal((await watched.run.deadLetters(10)).length, 1)
  }
  assert.deepEqual(first.rules?.(), [
    { name: 'noise', matched: 1, dropped: 1, failed: 0 },
    { name: 'small', matched: 3, dropped: 0, failed: 1 },
    { name: 'unmatched', matched: 0, dropped: 0, failed: 0 },
  ])
  {
    await using watched = watch(log, ruled(noise))
    await watched.until(isCaughtUp)
    assert.deepEqual(await watched.run.replay(), { written: 1, refused: 0, gone: 0 })
    assert.deepEqual(await watched.run.deadLetters(10), [])
  }
  assert.deepEqual(
    (await sink.rows(log.id)).map(({ topic }) => topic),
    ['t/a', 't/a', 't/b'],
  )
})

describe('dead letters of rules beside those of the sink', () => {
  const broken: RuleSettings = { name: 'broken', filter: 't/bad', keep: ['v'] }

  /** Three that a rule fails on, then one that the sink refuses, all listed. */
  async function bench() {
    const sink = await memorySink()
    const log = contractLog()
    const state = createMemoryState()
    for (const topic of ['t/bad', 't/bad', 't/bad', refusedTopic]) append(log, topic, 'x')
    await committed(log)
    const run = (...rules: readonly RuleSettings[]) =>
      watch(log, ruledConnector(sink.connector(['t/#']), { rules, unmatched: 'pass' }, state))
    {
      await using _refusing = await sink.refuse?.()
      await using watched = run(broken)
      await watched.until(isCaughtUp)
      assert.equal((await watched.run.deadLetters(10)).length, 4)
    }
    const topics = async (watched: ReturnType<typeof run>, limit = 10) =>
      (await watched.run.deadLetters(limit)).map(({ topic }) => topic)
    return { sink, log, run, topics }
  }

  it('are listed in turns, so that a part of them has both', async () => {
    const { run, topics } = await bench()
    await using watched = run(broken)
    await watched.until(isCaughtUp)
    assert.deepEqual(await topics(watched, 2), ['t/bad', refusedTopic])
  })

  it('are listed no more where the rules leave the message out now', async () => {
    const { run, topics } = await bench()
    await using watched = run(broken, { name: 'out', filter: refusedTopic, drop: true })
    await watched.until(isCaughtUp)
    await watched.run.replay()
    assert.deepEqual(await topics(watched), ['t/bad', 't/bad', 't/bad'])
  })

  it('are one where a rule fails now on what the sink has refused, and none once all is taken', async () => {
    const { sink, log, run, topics } = await bench()
    {
      await using watched = run(broken, { name: 'late', filter: refusedTopic, keep: ['v'] })
      await watched.until(isCaughtUp)
      assert.deepEqual(await watched.run.replay(), { written: 0, refused: 4, gone: 0 })
      assert.deepEqual((await topics(watched)).toSorted(), ['t/bad', 't/bad', 't/bad', refusedTopic])
    }
    await using watched = run()
    await watched.until(isCaughtUp)
    assert.deepEqual(await watched.run.replay(), { written: 4, refused: 0, gone: 0 })
    assert.deepEqual([await topics(watched), (await sink.rows(log.id)).length], [[], 4])
  })
})
