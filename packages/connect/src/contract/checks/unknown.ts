/** Nobody heard what became of a write: the sink itself says it when it is opened again. */
import assert from 'node:assert/strict'
import type { MessageLog } from '@hawser/engine'
import { epochMicros, HawserError, milliseconds, seededRandom } from '@hawser/std'
import type { Connector, MessageBatch, Sink } from '../../connector.ts'
import { everywhere, readMessages } from '../../runner/message-reader.ts'
import { append, appendMany, committed, contractLog, isCaughtUp, watch } from '../bench-log.ts'
import { type Bench, byTopic, filters, firsts, matching } from './bench.ts'

/** A connector whose writes succeed, and every second of whose answers is lost. */
function deaf(connector: Connector): Connector {
  let writes = 0
  const lost = new HawserError('SINK_UNAVAILABLE', 'the answer is lost', { retryable: true })
  const wrapped = (sink: Sink): Sink => ({
    checkpoint: sink.checkpoint,
    async write(batch, signal) {
      const outcome = await sink.write(batch, signal)
      if (++writes % 2 === 1) throw lost
      return outcome
    },
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  })
  return { ...connector, open: async (id, signal) => wrapped(await connector.open(id, signal)) }
}

export async function answersAreLost({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  appendMany(log, 100)
  await committed(log)
  await using watched = watch(log, deaf(sink.connector(filters)))
  const view = await watched.until(isCaughtUp)
  assert.match(view.lastError ?? '', /the answer is lost/)
  await complete(log)
}

async function firstBatch(log: MessageLog): Promise<MessageBatch> {
  const range = log.partitions()[0]
  assert.ok(range)
  const limits = { batchMessagesMax: 100, batchBytesMax: 1 << 20 }
  const reading = { partition: range.partition, from: range.start, end: range.end }
  const spans = filters.map(everywhere)
  for await (const { messages, until } of readMessages(log, reading, spans, limits, new AbortController().signal)) {
    return { partition: range.partition, from: undefined, until, messages, seenUntil: epochMicros(0) }
  }
  return assert.fail('the log is empty')
}

const instants = [0, 1, 2, 4, 8, 16, 32, 64]

/** It settles, whatever the instant, and then the rest comes as if nothing had been. */
export async function isGivenUpAtAnyInstant({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  appendMany(log, 60)
  await committed(log)
  const { signal } = new AbortController()
  for (const turns of instants) {
    await using open = await sink.connector(filters).open(log.id, signal)
    if (open.checkpoint !== undefined) break
    const giveUp = new AbortController()
    const settled = Promise.allSettled([open.write(await firstBatch(log), giveUp.signal)])
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
    giveUp.abort()
    await settled
  }
  await using watched = watch(log, sink.connector(filters))
  await watched.until(isCaughtUp)
  await complete(log)
}

/** The order of each topic, through outages that come at random instants. */
export async function keepsOrderThroughOutages({ sink }: Bench): Promise<void> {
  await using log = contractLog()
  const random = seededRandom(4)
  await using watched = watch(log, sink.connector(filters), { drainMsMax: milliseconds(100) })
  for (let round = 0; round < 3; round++) {
    for (let number = 0; number < 100; number++) append(log, `t/${(number * 7) % 5}`, `{"n":${number}}`)
    for (let turns = random.integer(20); turns > 0; turns--) await new Promise(setImmediate)
    await sink.fail()
    for (let number = 0; number < 20; number++) append(log, `t/${number % 5}`, `{"n":${number}}`)
    await committed(log)
    await watched.until((view) => view.lastError !== undefined && view.lag.messages > 0)
    await sink.mend()
    await watched.until(isCaughtUp)
  }
  assert.deepEqual(byTopic(firsts(await sink.rows(log.id))), byTopic(await matching(log, 't/+')))
}
