/** The sink goes away and comes back; the connector stops and starts. */
import assert from 'node:assert/strict'
import { milliseconds, seededRandom } from '@hawser/std'
import { append, appendMany, committed, contractLog, isCaughtUp, watch } from '../bench-log.ts'
import { type Bench, filters } from './bench.ts'

export async function outageAtStart({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  appendMany(log, 20)
  await committed(log)
  await sink.fail()
  await using watched = watch(log, sink.connector(filters))
  const down = await watched.until((view) => view.state.kind === 'lagging' && view.lastError !== undefined)
  assert.equal(down.lag.messages, 20)
  assert.equal(watched.run.floor().size, 0)
  await sink.mend()
  await watched.until(isCaughtUp)
  await complete(log)
}

export async function outageInTheMiddle({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  appendMany(log, 20)
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  await watched.until((view) => view.written === 10 && isCaughtUp(view))
  await sink.fail()
  appendMany(log, 200)
  await committed(log)
  const down = await watched.until((view) => view.state.kind === 'lagging' && view.lastError !== undefined)
  assert.ok(down.lag.messages > 0 && down.lag.bytes > 0 && down.lag.backlogShare > 0)
  await sink.mend()
  await watched.until(isCaughtUp)
  const { retries, errors, batches, bytes } = watched.run.statistics()
  assert.ok(retries > 0 && Object.keys(errors).length > 0 && bytes > 0)
  assert.ok(batches !== undefined && batches.count > 1 && batches.ms.p99 > 0)
  await complete(log)
}

export async function restartsAtAnyInstant({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  const random = seededRandom(20)
  for (let round = 0; round < 20; round++) {
    appendMany(log, random.integer(40))
    const watched = watch(log, sink.connector(filters), { drainMsMax: milliseconds(random.integer(2)) })
    for (let turns = random.integer(30); turns > 0; turns--) await new Promise(setImmediate)
    await watched[Symbol.asyncDispose]()
  }
  appendMany(log, 10)
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  await watched.until(isCaughtUp)
  await complete(log)
}

export async function staysPaused({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  appendMany(log, 20)
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  await watched.until((view) => view.written === 10 && isCaughtUp(view))
  watched.run.pause()
  appendMany(log, 20)
  await committed(log)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  const { state, lag, written } = watched.run.view()
  assert.deepEqual([state.kind, lag.messages, written], ['paused', 20, 10])
  watched.run.resume()
  await watched.until((view) => view.written === 20 && isCaughtUp(view))
  await complete(log)
}

/** What a new configuration asks for counts from where the cursor stands. */
export async function takesOtherFilters({ sink }: Bench): Promise<void> {
  await using log = contractLog()
  appendMany(log, 20)
  await committed(log)
  {
    await using watched = watch(log, sink.connector(filters))
    await watched.until((view) => view.written === 10 && isCaughtUp(view))
  }
  append(log, 'u/new', '1')
  append(log, 't/old', '2')
  await committed(log)
  await using watched = watch(log, sink.connector(['u/+']))
  await watched.until((view) => view.written === 1 && isCaughtUp(view))
  const rows = await sink.rows(log.id)
  assert.equal(rows.length, 11)
  assert.ok(rows.some((row) => row.topic === 'u/new' && row.position === 20))
}
