/** Where it goes on in the log: found again, moved, or lost. */
import assert from 'node:assert/strict'
import type { MessageLog } from '@hawser/engine'
import { appendMany, committed, contractLog, isCaughtUp, logId, watch } from '../bench-log.ts'
import type { SinkUnderTest } from '../under-test.ts'
import { type Bench, byTopic, filters, firsts, matching } from './bench.ts'

/** Fills the sink from a log of 20 records that is then gone; answers the log's name. */
async function filledFrom(sink: SinkUnderTest, name: string): Promise<MessageLog['id']> {
  const id = logId(`${name}-${process.hrtime.bigint()}`)
  await using log = contractLog({ id })
  appendMany(log, 20)
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  await watched.until((view) => view.written === 10 && isCaughtUp(view))
  return id
}

export async function refusesCursorPastHead({ sink }: Bench): Promise<void> {
  const id = await filledFrom(sink, 'shortened')
  await using log = contractLog({ id })
  appendMany(log, 4)
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  const { state } = await watched.until((view) => view.state.kind === 'failed')
  assert.match(state.kind === 'failed' ? state.reason : '', /past the log's head 4/)
}

/** A log under an old name that has forgotten what the sink wants next; answers where it begins. */
async function forgetful(id: MessageLog['id']): Promise<{ readonly log: MessageLog; readonly start: number }> {
  const log = contractLog({ id, bytesMax: 16_384 })
  for (let round = 0; round < 20; round++) {
    appendMany(log, 50)
    await committed(log)
  }
  const start = log.partitions()[0]?.start ?? 0
  assert.ok(start > 20)
  return { log, start }
}

/** The idle checkpoint may have passed the last, foreign, record of the first log. */
const gapsOf = (start: number): readonly number[] => [start - 20, start - 19]

export async function failsOnGap({ sink }: Bench): Promise<void> {
  const { log, start } = await forgetful(await filledFrom(sink, 'trimmed'))
  await using _log = log
  await using watched = watch(log, sink.connector(filters))
  const { state } = await watched.until((view) => view.state.kind === 'failed')
  assert.match(state.kind === 'failed' ? state.reason : '', new RegExp(`(${gapsOf(start).join('|')}) records`))
  await watched.run.seek({ kind: 'oldest' })
  const moved = await watched.until(isCaughtUp)
  assert.ok(moved.written > 0)
}

export async function skipsWithCount({ sink }: Bench): Promise<void> {
  const { log, start } = await forgetful(await filledFrom(sink, 'skipped'))
  await using _log = log
  const notices: string[] = []
  await using watched = watch(log, { ...sink.connector(filters), pastBacklog: 'skip' }, {}, notices)
  const view = await watched.until((now) => now.written > 0 && isCaughtUp(now))
  assert.ok(gapsOf(start).includes(view.lost), `${view.lost} lost of ${start}`)
  assert.match(notices.join(), new RegExp(`lost ${view.lost} records of partition 3`))
}

export async function goesWhereItIsMoved({ sink }: Bench): Promise<void> {
  await using log = contractLog()
  appendMany(log, 20)
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  await watched.until((view) => view.written === 10 && isCaughtUp(view))
  watched.run.pause()
  appendMany(log, 20)
  await committed(log)
  await watched.run.seek({ kind: 'newest' })
  await watched.until((view) => view.state.kind === 'paused' && view.lag.messages === 0)
  watched.run.resume()
  appendMany(log, 20)
  await committed(log)
  await watched.until((view) => view.written === 20 && isCaughtUp(view))
  const positions = (await sink.rows(log.id)).map((row) => row.position)
  assert.ok(positions.every((position) => position < 20 || position >= 40))
  await watched.run.seek({ kind: 'oldest' })
  await watched.until((view) => view.written + view.duplicates >= 50 && isCaughtUp(view))
  // Those passed over came after the others.
  const sorted = firsts(await sink.rows(log.id)).toSorted((left, right) => left.position - right.position)
  assert.deepEqual(byTopic(sorted), byTopic(await matching(log, 't/+')))
}
