/** A sink that takes its time is neither overrun nor cut off. */
import assert from 'node:assert/strict'
import type { MessageLog } from '@hawser/engine'
import type { Connector, MessageBatch, Sink } from '../../connector.ts'
import { appendMany, committed, contractLog, isCaughtUp, watch } from '../bench-log.ts'
import { type Bench, filters } from './bench.ts'

/** A connector whose writes wait at a gate. */
export function gated(connector: Connector): { connector: Connector; arrived: Promise<void>; open: () => void } {
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

export async function slowSink({ sink, complete }: Bench): Promise<void> {
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
  await complete(log)
}

export async function stopsInMidBatch({ sink, complete }: Bench): Promise<void> {
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
  await complete(log)
}
