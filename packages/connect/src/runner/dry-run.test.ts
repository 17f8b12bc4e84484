import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createMemoryState } from '@hawser/engine/memory'
import { append, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { memorySink } from '../contract/memory-sink.ts'
import { ruledConnector } from '../rules/ruled-connector.ts'

it('tells what would leave next by the rules, again and again, and nothing moves or is counted', async () => {
  await using sink = await memorySink()
  await using log = contractLog()
  const rules = [
    { name: 'noise', filter: 't/noise', drop: true },
    { name: 'small', filter: 't/+', keep: ['v'] },
  ]
  const connector = ruledConnector(sink.connector(['t/#']), { rules, unmatched: 'pass' }, createMemoryState())
  append(log, 't/first', '{"v":0}')
  await committed(log)
  await using watched = watch(log, connector)
  await watched.until(isCaughtUp)
  watched.run.pause()
  for (const topic of ['other', 't/a', 't/noise', 't/b']) append(log, topic, topic === 't/b' ? 'no' : '{"v":1,"w":2}')
  await committed(log)
  const told = async (limit: number) =>
    (await watched.run.dryRun(limit)).messages.map(({ message, judgement }) => [
      message.position,
      judgement?.kind,
      judgement?.rule,
      judgement?.kind === 'passed' ? judgement.message.payload.toString() : message.payload.toString(),
    ])
  const expected = [
    [2, 'passed', 'small', '{"v":1}'],
    [3, 'dropped', 'noise', '{"v":1,"w":2}'],
    [4, 'failed', 'small', 'no'],
  ]
  assert.deepEqual(await told(10), expected)
  assert.deepEqual(await told(2), expected.slice(0, 2))
  const { written, lag } = watched.run.view()
  assert.deepEqual([written, lag.messages], [1, 4])
  assert.equal(connector.rules?.().find(({ name }) => name === 'noise')?.matched, 0)
  assert.equal((await sink.rows(log.id)).length, 1)
  watched.run.resume()
  await watched.until((view) => view.written === 2 && isCaughtUp(view))
  assert.deepEqual(await told(10), [])
})

it('waits for the sink to tell where it stands', async () => {
  await using sink = await memorySink()
  await using log = contractLog()
  await sink.fail()
  await using watched = watch(log, sink.connector(['t/#']))
  await watched.until(({ lastError }) => lastError !== undefined)
  await assert.rejects(watched.run.dryRun(1), { code: 'SINK_UNAVAILABLE' })
})
