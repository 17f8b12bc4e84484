import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Connector, Message } from '../connector.ts'
import { appendMany, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { memorySink } from '../contract/mod.ts'

it('has the next batch prepared while a write is under way, and each just once', async () => {
  await using log = contractLog()
  appendMany(log, 80)
  await committed(log)
  const inner = (await memorySink()).connector(['t/+'])
  const batches: (readonly Message[])[] = []
  const prepared = [0, 1, 2, 3].map(() => Promise.withResolvers<void>())
  let written = 0
  const connector: Connector = {
    ...inner,
    async open(logId, signal) {
      const sink = await inner.open(logId, signal)
      return {
        checkpoint: sink.checkpoint,
        async prepare(messages) {
          prepared[batches.push(messages) - 1]?.resolve()
        },
        async write(batch, signal) {
          assert.equal(batches[written], batch.messages)
          await prepared[++written]?.promise
          return sink.write(batch, signal)
        },
        [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
      }
    },
  }
  await using watched = watch(log, connector, { batchMessagesMax: 10 })
  await watched.until((view) => view.written === 40 && isCaughtUp(view))
  assert.equal(batches.filter((messages) => messages.length > 0).length, 4)
})
