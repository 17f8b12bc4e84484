import assert from 'node:assert/strict'
import { it } from 'node:test'
import { append, collect, committed, publishRecord, span } from '../contract/records.ts'
import { position, volatilePartition } from '../log.ts'
import { createMemoryLog } from '../memory/mod.ts'
import { createClassedLog } from './classed-log.ts'

it('keeps two partitions apart, each with tickets of its own, and reads both', async () => {
  const birth = position(1_790_000_000_000_000)
  await using disk = createMemoryLog()
  await using memory = createMemoryLog({ own: volatilePartition, birth })
  const log = createClassedLog(disk, memory)
  const heard: [number, number, number][] = []
  using _ = log.onCommit(({ partition, firstTicket, positions }) => {
    heard.push([partition, firstTicket, positions[0] ?? -1])
  })
  assert.equal(append(log, publishRecord('a', 'disk')), 0)
  assert.equal(append(memory, publishRecord('a', 'memory')), 0)
  await Promise.all([committed(disk), committed(memory)])
  const at = { [disk.own]: 0, [volatilePartition]: birth } as Record<number, number>
  assert.deepEqual(heard, [
    [disk.own, 0, 0],
    [volatilePartition, 0, birth],
  ])
  for (const { partition, start, end } of log.partitions()) {
    assert.deepEqual([start, end], [at[partition], (at[partition] ?? 0) + 1])
    const read = await collect(log.read(partition, start))
    assert.deepEqual(await collect(log.find(partition, start, [span('a')])), read)
    assert.equal(read.length, 1)
  }
  await assert.rejects(collect(log.read(volatilePartition, position(5))), /is gone/, 'of an earlier life')
})
