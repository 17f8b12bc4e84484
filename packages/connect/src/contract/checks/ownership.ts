/** One owner, and the log that the sink was filled from. */
import assert from 'node:assert/strict'
import type { MessageLog } from '@hawser/engine'
import { epochMicros, HawserError } from '@hawser/std'
import type { Connector } from '../../connector.ts'
import { appendMany, committed, contractLog, isCaughtUp, watch } from '../bench-log.ts'
import { type Bench, filters } from './bench.ts'
import { gated } from './slow-sink.ts'

export async function keepsToOneOwner({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  appendMany(log, 20)
  await committed(log)
  const slow = gated(sink.connector(filters))
  await using stalled = watch(log, slow.connector)
  await slow.arrived
  const takenOver = await takeOver(log, sink.connector(filters))
  slow.open()
  if (takenOver) {
    // The stalled owner's late write fails, and says so.
    await stalled.until((view) => view.lastError !== undefined)
    assert.equal(stalled.run.view().written, 0)
    assert.equal((await sink.rows(log.id)).length, 0)
  } else {
    await stalled.until(isCaughtUp)
    await complete(log)
  }
}

/** Moves the cursor to the end as a new owner; false where the sink keeps a second owner out. */
async function takeOver(log: MessageLog, connector: Connector): Promise<boolean> {
  const { signal } = new AbortController()
  const range = log.partitions()[0]
  assert.ok(range)
  try {
    await using owner = await connector.open(log.id, signal)
    await owner.write(
      { partition: range.partition, from: undefined, until: range.end, messages: [], seenUntil: epochMicros(0) },
      signal,
    )
    return true
  } catch (error) {
    if (error instanceof HawserError && error.code === 'DATA_DIR_IN_USE') return false
    throw error
  }
}

export async function refusesUnknownLog({ sink }: Bench): Promise<void> {
  await using first = contractLog()
  appendMany(first, 10)
  await committed(first)
  {
    await using watched = watch(first, sink.connector(filters))
    await watched.until(isCaughtUp)
  }
  await using other = contractLog()
  appendMany(other, 10)
  await committed(other)
  await using watched = watch(other, sink.connector(filters))
  const { state } = await watched.until((view) => view.state.kind === 'failed')
  assert.match(state.kind === 'failed' ? state.reason : '', /belongs to log/)
  assert.equal((await sink.rows(other.id)).length, 0)
}
