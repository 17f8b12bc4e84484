/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the connector */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createMemoryState } from '@hawser/engine/memory'
import { append, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { connectorContract } from '../contract/connector.contract.ts'
import { memorySink } from '../contract/memory-sink.ts'
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
