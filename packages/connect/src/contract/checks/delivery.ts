/** What reaches the sink, and in which order. */
import assert from 'node:assert/strict'
import type { MessageLog } from '@hawser/engine'
import type { ConnectorRun } from '../../runner/run-connector.ts'
import { append, appendMany, committed, contractLog, isCaughtUp, watch } from '../bench-log.ts'
import { poisonPayloads } from '../poison.ts'
import { refusedTopic } from '../under-test.ts'
import { type Bench, byTopic, filters, firsts, matching } from './bench.ts'

export async function deliversInOrder({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  appendMany(log, 100)
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  await watched.until((view) => view.written === 50 && isCaughtUp(view))
  appendMany(log, 30)
  const view = await watched.until((now) => now.written === 65 && isCaughtUp(now))
  assert.deepEqual([view.duplicates, view.deadLetters, view.lastError], [0, 0, undefined])
  await complete(log)
}

export async function keepsOrderOfEachTopic({ sink }: Bench): Promise<void> {
  await using log = contractLog()
  for (let number = 0; number < 300; number++) append(log, `t/${(number * 7) % 13}`, `{"n":${number}}`)
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  await watched.until(isCaughtUp)
  assert.deepEqual(byTopic(await sink.rows(log.id)), byTopic(await matching(log, 't/+')))
}

export async function poison({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  for (const payload of poisonPayloads) {
    append(log, 't/good', '{"value":1}')
    append(log, 't/poison', payload)
  }
  append(log, 't/good', '{"value":2}')
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  const view = await watched.until(isCaughtUp)
  assert.deepEqual([view.written, view.deadLetters], [poisonPayloads.length * 2 + 1, 0])
  await complete(log)
}

export async function keepsRefusedAside({ sink }: Bench): Promise<void> {
  await using log = contractLog()
  for (let number = 0; number < 30; number++) append(log, number % 10 === 3 ? refusedTopic : 't/good', `${number}`)
  await committed(log)
  const refusal = await sink.refuse?.()
  await using watched = watch(log, sink.connector(filters))
  const view = await watched.until(isCaughtUp)
  if (refusal === undefined) assert.deepEqual([view.written, view.deadLetters], [30, 0])
  else await takesThemAgain(log, watched.run, refusal)
  assert.deepEqual(await watched.run.deadLetters(10), [])
  assert.deepEqual(byTopic(firsts(await sink.rows(log.id))), byTopic(await matching(log, 't/+')))
}

async function takesThemAgain(log: MessageLog, run: ConnectorRun, refusal: AsyncDisposable): Promise<void> {
  const { written, deadLetters } = run.view()
  assert.deepEqual([written, deadLetters], [27, 3])
  const letters = await run.deadLetters(10)
  assert.deepEqual(
    letters.map(({ logId, topic, position }) => [logId, topic, position]),
    [3, 13, 23].map((position) => [log.id, refusedTopic, position]),
  )
  assert.ok(letters.every(({ reason }) => reason !== ''))
  assert.deepEqual(await run.replay(), { written: 0, refused: 3, gone: 0 })
  await refusal[Symbol.asyncDispose]()
  assert.deepEqual(await run.replay(), { written: 3, refused: 0, gone: 0 })
}
