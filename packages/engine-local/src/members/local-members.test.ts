import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { appendBarrier, type MessageLog, type Partition, partition, position } from '@hawser/engine'
import { collect, commitAll, publishRecord, recordsOf, type StoredRecord } from '@hawser/engine/contract'
import { seededRandom, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { type LocalEngineOptions, openLocalEngine } from '../local-engine.ts'
import { membersInProcess } from './testing/in-process.ts'

const random = seededRandom(7)
const openMember = (folder: string, options: Partial<LocalEngineOptions> = {}) =>
  openLocalEngine({ folder, clock: systemClock, random, share: 'member', ...options })

/** All that is handed over of one partition, and a wait for so many records of it. */
function watch(log: MessageLog, of: Partition) {
  const seen: StoredRecord[] = []
  let onMore = (): void => {}
  log.onCommit((batch) => {
    if (batch.partition !== of) return
    if (of !== log.own) assert.equal(batch.firstTicket, -1)
    seen.push(...recordsOf(batch))
    onMore()
  })
  const reached = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onMore = () => seen.length >= count && resolve()
      onMore()
    })
  return { seen, reached }
}

const bodies = (records: readonly StoredRecord[]): string[] => records.map((record) => record.body)
const endOf = (log: MessageLog, of: Partition) => log.partitions().find((range) => range.partition === of)?.end

describe('members of a data folder', () => {
  it('each has a lane, and is handed what the others commit, in order and once', async () => {
    await using folder = await temporaryFolder()
    await using one = await openMember(folder.path)
    await using two = await openMember(folder.path)
    assert.deepEqual([one.log.own, two.log.own], [0, 1])
    assert.equal(one.log.id, two.log.id)
    const [inOne, inTwo] = [watch(one.log, two.log.own), watch(two.log, one.log.own)]
    for (let round = 0; round < 20; round++) {
      const records = Array.from({ length: 100 }, (_, index) => publishRecord('a', `${round}:${index}`))
      await Promise.all([commitAll(one.log, records), commitAll(two.log, records)])
    }
    await Promise.all([inOne.reached(2000), inTwo.reached(2000)])
    assert.deepEqual(inOne.seen, await collect(two.log.read(two.log.own, position(0))))
    assert.deepEqual(inTwo.seen, await collect(one.log.read(one.log.own, position(0))))
    assert.deepEqual(await collect(one.log.read(two.log.own, position(0))), inOne.seen)
    assert.equal(endOf(one.log, two.log.own), endOf(two.log, two.log.own))
    assert.equal(one.members?.partitionOf(two.members?.bus.self ?? one.members.bus.self), two.log.own)
  })

  it('who comes later reads what there is, and is handed what comes', async () => {
    await using folder = await temporaryFolder()
    await using one = await openMember(folder.path)
    await commitAll(one.log, [publishRecord('a', 'before')])
    await using two = await openMember(folder.path)
    const watched = watch(two.log, one.log.own)
    assert.deepEqual(bodies(await collect(two.log.read(one.log.own, position(0)))), ['before'])
    await commitAll(one.log, [publishRecord('a', 'x'.repeat(3 << 20)), publishRecord('a', 'after')])
    await watched.reached(2)
    assert.deepEqual(bodies(watched.seen), ['x'.repeat(3 << 20), 'after'])
  })

  it('what stands behind a barrier is handed over once what it names has been', async () => {
    await using folder = await temporaryFolder()
    await using one = await openMember(folder.path)
    await using two = await openMember(folder.path)
    await using three = await openMember(folder.path)
    const order: string[] = []
    three.log.onCommit((batch) => {
      if (batch.partition !== three.log.own) order.push(...bodies(recordsOf(batch)).filter((body) => body.length === 1))
    })
    const watched = watch(three.log, two.log.own)
    for (let round = 0; round < 20; round++) {
      order.length = 0
      await commitAll(one.log, [
        publishRecord('a', '1'),
        publishRecord('b', 'y'.repeat(1 << 20)),
        publishRecord('a', '2'),
      ])
      assert.ok(appendBarrier(two.log, new Map([[one.log.own, endOf(one.log, one.log.own) ?? position(0)]])))
      await commitAll(two.log, [publishRecord('a', '3')])
      await watched.reached(2 * (round + 1))
      assert.deepEqual(order, ['1', '2', '3'])
    }
    assert.ok(appendBarrier(two.log, new Map([[partition(999), position(5)]])))
    await commitAll(two.log, [publishRecord('a', '3')])
    await watched.reached(42)
  })

  it('who is alone reaches the lanes that members have left, and is refused while one of them lives', async () => {
    await using folder = await temporaryFolder()
    {
      await using one = await openMember(folder.path)
      await using two = await openMember(folder.path)
      await Promise.all([
        commitAll(one.log, [publishRecord('a', 'one')]),
        commitAll(two.log, [publishRecord('a', 'two')]),
      ])
      await assert.rejects(openMember(folder.path, { share: 'alone' }), { code: 'DATA_DIR_IN_USE' })
    }
    {
      await using alone = await openMember(folder.path, { share: 'alone' })
      await assert.rejects(openMember(folder.path), { code: 'DATA_DIR_IN_USE' })
      assert.deepEqual([...(alone.members?.orphans() ?? [])].sort(), [0, 1])
      await using adoption = await alone.members?.adopt(partition(1))
      assert.deepEqual(bodies(await collect(alone.log.read(partition(1), position(0)))), ['two'])
      await adoption?.done()
    }
    await using again = await openMember(folder.path, { share: 'alone' })
    assert.deepEqual(again.members?.orphans(), [0])
  })

  it('a folder of version 2, of one who was alone, is shared by members', async () => {
    await using folder = await temporaryFolder()
    {
      await using alone = await openMember(folder.path, { share: 'alone' })
      assert.equal(alone.members, undefined)
      await commitAll(alone.log, [publishRecord('a', 'before')])
    }
    await writeFile(join(folder.path, 'VERSION'), '2\n')
    await using one = await openMember(folder.path)
    await using two = await openMember(folder.path)
    assert.deepEqual(bodies(await collect(two.log.read(one.log.own, position(0)))), ['before'])
    assert.deepEqual(one.members?.orphans(), [0])
    assert.deepEqual(two.members?.orphans(), [0])
    assert.equal(await readFile(join(folder.path, 'VERSION'), 'utf8'), '3\n')
  })

  it('what an owner has deleted is POSITION_GONE to the others', async () => {
    await using folder = await temporaryFolder()
    await using one = await openMember(folder.path, { retention: { bytes: 0, ms: 0 } })
    await using two = await openMember(folder.path)
    const watched = watch(two.log, one.log.own)
    const body = 'x'.repeat(1 << 20)
    for (let count = 0; count < 70; count++) await commitAll(one.log, [publishRecord('a', body)])
    await watched.reached(70)
    const end = endOf(one.log, one.log.own) ?? position(0)
    two.log.setFloor(new Map([[one.log.own, end]]))
    const startOf = () => two.log.partitions()[1]?.start ?? position(0)
    while (startOf() === 0) {
      one.log.setFloor(new Map([[one.log.own, end]]))
      await commitAll(one.log, [publishRecord('a', 'tick')])
    }
    await assert.rejects(collect(two.log.read(one.log.own, position(0))), { code: 'POSITION_GONE' })
    assert.ok((await collect(two.log.read(one.log.own, startOf()))).length > 0)
  })

  it('an orphan behind the barrier of which another orphan stands is adopted all the same, in order', async () => {
    await using host = await membersInProcess()
    const [zero, one, two] = [await host.start(), await host.start(), await host.start()]
    await commitAll(one.log, [publishRecord('a', 'first')])
    assert.ok(appendBarrier(two.log, new Map([[one.log.own, endOf(one.log, one.log.own) ?? position(0)]])))
    await commitAll(two.log, [publishRecord('a', 'second')])
    for (const member of [zero, one, two]) await member.crash()
    await using next = await host.start()
    const order: string[] = []
    next.log.onCommit((batch) => order.push(...bodies(recordsOf(batch)).filter((body) => body.length > 4)))
    await using adoption = await next.members.adopt(two.log.own)
    assert.equal(endOf(next.log, two.log.own), adoption?.range.end)
    assert.deepEqual(
      order.filter((body) => /^[a-z]+$/.test(body)),
      ['first', 'second'],
    )
    await using other = await next.members.adopt(one.log.own)
    assert.ok(other !== undefined)
  })
})
