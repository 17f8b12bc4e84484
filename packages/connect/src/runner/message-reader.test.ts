import assert from 'node:assert/strict'
import { it } from 'node:test'
import { appendBarrier, partition, position } from '@hawser/engine'
import { append, committed, contractLog } from '../contract/bench-log.ts'
import { everywhere, readMessages } from './message-reader.ts'

it('passes over the barriers that processes of one log leave for each other', async () => {
  await using log = contractLog()
  append(log, 'a', '1')
  appendBarrier(log, new Map([[partition(4), position(7)]]))
  append(log, 'a', '2')
  await committed(log)
  const range = { partition: partition(3), from: position(0), end: position(3) }
  const limits = { batchMessagesMax: 10, batchBytesMax: 1_000 }
  const read: string[] = []
  for await (const batch of readMessages(log, range, [everywhere('#')], limits, new AbortController().signal)) {
    read.push(...batch.messages.map(({ payload }) => payload.toString()))
  }
  assert.deepEqual(read, ['1', '2'])
})
