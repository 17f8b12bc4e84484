/** What every connector must do, whatever its sink. A connector's own test file is a few lines that call this. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MessageLog } from '@hawser/engine'
import { epochMicros, HawserError, milliseconds, seededRandom } from '@hawser/std'
import type { Connector, MessageBatch, Sink } from '../connector.ts'
import { append, appendMany, committed, contractLog, isCaughtUp, logId, watch } from './bench-log.ts'
import { poisonPayloads } from './poison.ts'
import type { ConnectorUnderTest, SinkUnderTest } from './under-test.ts'

const filters = ['t/+']

export function connectorContract(subject: ConnectorUnderTest): void {
  const skipAll = subject.waived?.['all']
  describe(`${subject.name}: connector`, skipAll === undefined ? {} : { skip: skipAll }, () => {
    const check = (name: string, body: (sink: SinkUnderTest) => Promise<void>): void => {
      it(name, { skip: subject.waived?.[name] ?? false }, async () => {
        await using sink = await subject.open()
        await body(sink)
      })
    }
    check('holds each matching record once and in order, and no other', deliversInOrder)
    check('catches up after an outage at the start', outageAtStart)
    check('catches up after an outage in the middle', outageInTheMiddle)
    check('neither loses nor doubles across restarts at any instant', restartsAtAnyInstant)
    check('is not stopped by poisonous messages', poison)
    check('reads only a bounded part ahead of a slow sink', slowSink)
    check('stops in the middle of a batch', stopsInMidBatch)
    check('has one owner: keeps a second out, or fences the first', keepsToOneOwner)
    check('refuses a log that its sink does not belong to', refusesUnknownLog)
    check('refuses a cursor past the head of the log', refusesCursorPastHead)
    check('fails with the size of the gap where the log no longer has what comes next', failsOnGap)
  })
}

/** The sink holds every record that matches, once, in the order of the log. */
async function assertComplete(log: MessageLog, sink: SinkUnderTest): Promise<void> {
  const rows = await sink.rows(log.id)
  const expected: number[] = []
  const range = log.partitions()[0]
  assert.ok(range)
  const span = { filter: 't/+', since: range.start, until: range.end }
  for await (const batch of log.find(range.partition, range.start, [span])) {
    expected.push(...batch.positions.subarray(0, batch.count))
  }
  assert.deepEqual(
    rows.map((row) => row.position),
    expected,
  )
  assert.ok(rows.every((row) => row.partition === range.partition && row.topic.startsWith('t/')))
}

async function deliversInOrder(sink: SinkUnderTest): Promise<void> {
  await using log = contractLog()
  appendMany(log, 100)
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  await watched.until((view) => view.written === 50 && isCaughtUp(view))
  appendMany(log, 30)
  const view = await watched.until((now) => now.written === 65 && isCaughtUp(now))
  assert.deepEqual([view.duplicates, view.deadLetters, view.lastError], [0, 0, undefined])
  await assertComplete(log, sink)
}

async function outageAtStart(sink: SinkUnderTest): Promise<void> {
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
  await assertComplete(log, sink)
}

async function outageInTheMiddle(sink: SinkUnderTest): Promise<void> {
  await using log = contractLog()
  appendMany(log, 20)
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  await watched.until((view) => view.written === 10 && isCaughtUp(view))
  await sink.fail()
  appendMany(log, 200)
  await committed(log)
  const down = await watched.until((view) => view.state.kind === 'lagging' && view.lastError !== undefined)
  assert.ok(down.lag.messages > 0)
  await sink.mend()
  await watched.until(isCaughtUp)
  await assertComplete(log, sink)
}

async function restartsAtAnyInstant(sink: SinkUnderTest): Promise<void> {
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
  await assertComplete(log, sink)
}

async function poison(sink: SinkUnderTest): Promise<void> {
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
  await assertComplete(log, sink)
}

/** A connector whose writes wait at a gate. */
function gated(connector: Connector): { connector: Connector; arrived: Promise<void>; open: () => void } {
  const arrival = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const slow = (sink: Sink): Sink => ({
    checkpoint: sink.checkpoint,
    write: async (batch: MessageBatch, signal) => {
      arrival.resolve()
      await gate.promise
      return sink.write(batch, signal)
    },
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  })
  return {
    connector: { ...connector, open: async (id, signal) => slow(await connector.open(id, signal)) },
    arrived: arrival.promise,
    open: () => gate.resolve(),
  }
}

/** A log that counts the records given out by `find`. */
function counting(log: MessageLog): { log: MessageLog; recordsRead: () => number } {
  let recordsRead = 0
  const find: MessageLog['find'] = async function* (...call) {
    for await (const batch of log.find(...call)) {
      for (let index = 0; index < batch.count; index++) {
        recordsRead++
        yield { ...batch, count: 1, offsets: batch.offsets.subarray(index), positions: batch.positions.subarray(index) }
      }
    }
  }
  const counted = new Proxy(log, {
    get: (target, name) => {
      if (name === 'find') return find
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { log: counted, recordsRead: () => recordsRead }
}

async function slowSink(sink: SinkUnderTest): Promise<void> {
  await using log = contractLog()
  appendMany(log, 400)
  await committed(log)
  const slow = gated(sink.connector(filters))
  const counted = counting(log)
  await using watched = watch(counted.log, slow.connector, { batchMessagesMax: 5 })
  await slow.arrived
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  // One batch in the sink's hands, one read ahead.
  assert.ok(counted.recordsRead() <= 10, `${counted.recordsRead()} records read`)
  slow.open()
  await watched.until(isCaughtUp)
  await assertComplete(log, sink)
}

async function stopsInMidBatch(sink: SinkUnderTest): Promise<void> {
  await using log = contractLog()
  appendMany(log, 60)
  await committed(log)
  const slow = gated(sink.connector(filters))
  const watched = watch(log, slow.connector)
  await slow.arrived
  const stopped = watched[Symbol.asyncDispose]()
  slow.open()
  await stopped
  assert.equal(watched.run.view().state.kind, 'stopped')
  await using again = watch(log, sink.connector(filters))
  await again.until(isCaughtUp)
  await assertComplete(log, sink)
}

async function keepsToOneOwner(sink: SinkUnderTest): Promise<void> {
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
    await assertComplete(log, sink)
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

async function refusesUnknownLog(sink: SinkUnderTest): Promise<void> {
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

async function refusesCursorPastHead(sink: SinkUnderTest): Promise<void> {
  const id = await filledFrom(sink, 'shortened')
  await using log = contractLog({ id })
  appendMany(log, 4)
  await committed(log)
  await using watched = watch(log, sink.connector(filters))
  const { state } = await watched.until((view) => view.state.kind === 'failed')
  assert.match(state.kind === 'failed' ? state.reason : '', /past the log's head 4/)
}

async function failsOnGap(sink: SinkUnderTest): Promise<void> {
  const id = await filledFrom(sink, 'trimmed')
  await using log = contractLog({ id, bytesMax: 16_384 })
  for (let round = 0; round < 20; round++) {
    appendMany(log, 50)
    await committed(log)
  }
  const start = log.partitions()[0]?.start ?? 0
  assert.ok(start > 20)
  await using watched = watch(log, sink.connector(filters))
  const { state } = await watched.until((view) => view.state.kind === 'failed')
  // The idle checkpoint may have passed the last, foreign, record of the first log.
  assert.match(state.kind === 'failed' ? state.reason : '', new RegExp(`(${start - 20}|${start - 19}) records`))
}
