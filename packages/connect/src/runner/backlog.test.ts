import assert from 'node:assert/strict'
import { it } from 'node:test'
import { partition, position } from '@hawser/engine'
import { appendMany, committed, contractLog } from '../contract/bench-log.ts'
import { memorySink } from '../contract/mod.ts'
import { Backlog } from './backlog.ts'
import { defaultRunnerLimits } from './limits.ts'

const sink = await memorySink()
const lagOf = (bytes: number) => ({ messages: 1, bytes, seconds: 1, backlogShare: bytes / 1_000 })
const limits = { ...defaultRunnerLimits, backlogBytesMax: 1_000 }

it('is told of once when it passes its bound, and once when it is well below', () => {
  const told: string[] = []
  const backlog = new Backlog(sink.connector([]), limits, (line) => told.push(line))
  for (const bytes of [10, 1_001, 5_000, 900, 1_100, 499, 600]) backlog.look(lagOf(bytes))
  assert.deepEqual(told, [
    'memory is 1001 bytes of the log behind, past its backlog: the log keeps it all the same, until the disk is low',
    'memory is 499 bytes of the log behind: within its backlog again',
  ])
})

it('holds the log, or lets it forget what is past the bound', async () => {
  await using log = contractLog()
  appendMany(log, 100)
  await committed(log)
  const floor = (pastBacklog: 'hold' | 'skip', bytes: number, at: number | undefined): number | undefined => {
    const backlog = new Backlog({ ...sink.connector([]), pastBacklog }, limits, () => undefined)
    const durable = at === undefined ? undefined : new Map([[partition(3), position(at)]])
    return backlog.floor(log, durable, lagOf(bytes)).get(partition(3))
  }
  assert.equal(floor('hold', 4_000, 20), 20)
  assert.equal(floor('skip', 900, 20), 20)
  assert.equal(floor('skip', 4_000, 20), 80)
  assert.equal(floor('skip', 4_000, undefined), 75)
  assert.equal(floor('hold', 4_000, undefined), undefined)
})
