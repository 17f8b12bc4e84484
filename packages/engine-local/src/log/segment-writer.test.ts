import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { segmentName } from './format.ts'
import { Faults, faultyFiles } from './testing/faulty-files.ts'
import { Lane, numbered, parseSegment } from './testing/lanes.ts'

const bodiesIn = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .flatMap((name) => parseSegment(join(folder, name)).frames)
    .flatMap((frame) => frame.records.map((record) => record.body))

const bodies = (count: number, from = 0): string[] => numbered(count, from).map((record) => record.body)

describe('segment writer', () => {
  it('writes frames that another parser reads, and seals', async () => {
    await using folder = await temporaryFolder()
    const lane = new Lane(folder.path)
    assert.deepEqual(lane.writer.start(1), { kind: 'durable', base: 0, offset: 64 })
    for (let batch = 0; batch < 5; batch++) assert.equal(lane.commit(numbered(1000, batch * 1000)).kind, 'durable')
    assert.equal(lane.writer.close().kind, 'durable')
    const { frames, isSealed } = parseSegment(join(folder.path, segmentName(0)))
    assert.ok(isSealed)
    const records = frames.flatMap((frame) => frame.records)
    assert.deepEqual(
      records.map(({ position, body }) => [position, body]),
      numbered(5000).map(({ body }, index) => [index, body]),
    )
    assert.ok(frames.every((frame) => frame.bytes <= 32 * 1024))
    assert.deepEqual([...new Set(frames.map((frame) => frame.durableUpTo))], [0, 1000, 2000, 3000, 4000])
  })

  it('starts a new segment before one grows past its size', async () => {
    await using folder = await temporaryFolder()
    const lane = new Lane(folder.path, { segmentBytes: 10_000 })
    lane.writer.start(1)
    for (let batch = 0; batch < 10; batch++) lane.commit(numbered(200, batch * 200))
    lane.writer.close()
    const names = readdirSync(folder.path).sort()
    assert.ok(names.length >= 3)
    assert.ok(names.every((name) => parseSegment(join(folder.path, name)).isSealed))
    assert.deepEqual(bodiesIn(folder.path), bodies(2000))
  })

  it('grows by zeroes in advance while batches are small, and leaves none behind', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, segmentName(0))
    const lane = new Lane(folder.path, { segmentBytes: 2 << 20 })
    lane.writer.start(1)
    const sizes = new Set<number>()
    for (let batch = 0; batch < 50; batch++) {
      lane.commit(numbered(10, batch * 10))
      sizes.add(statSync(path).size)
    }
    assert.equal(sizes.size, 1)
    lane.writer.close()
    const { frames } = parseSegment(path)
    assert.equal(statSync(path).size, 64 + frames.reduce((sum, frame) => sum + frame.bytes, 0) + 40)
  })

  it('grows ever less often', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, segmentName(0))
    const lane = new Lane(folder.path, { segmentBytes: 16 << 20 })
    lane.writer.start(1)
    const sizes = new Set<number>()
    let next = 0
    while (statSync(path).size < 16 << 20) {
      lane.commit(numbered(2_000, next))
      next += 2_000
      sizes.add(statSync(path).size)
    }
    assert.ok(sizes.size <= 6, `in ${sizes.size} steps`)
  })

  it('commits a batch that just finds room, without the zeroes for the next', async () => {
    await using folder = await temporaryFolder()
    const faults = new Faults()
    const lane = new Lane(folder.path, { files: faultyFiles(faults) })
    lane.writer.start(1)
    const { bytes, next } = lane.batch(numbered(100))
    faults.roomBytes = bytes.length + 10
    assert.equal(lane.writer.commit(bytes, next, 2).kind, 'durable')
    assert.equal(lane.commit(numbered(100, 100)).kind, 'full')
    faults.roomBytes = undefined
    assert.deepEqual(bodiesIn(folder.path), bodies(100))
  })

  it('takes a half-written batch back when the disk is full, and writes it when there is room', async () => {
    await using folder = await temporaryFolder()
    const faults = new Faults()
    const lane = new Lane(folder.path, { files: faultyFiles(faults) })
    lane.writer.start(1)
    lane.commit(numbered(100))
    const { bytes, next } = lane.batch(numbered(100, 100))
    for (const room of [0, 1, 39, 40, 41, 700, bytes.length - 1]) {
      faults.roomBytes = room
      assert.equal(lane.writer.commit(bytes, next, 2).kind, 'full')
      assert.deepEqual(bodiesIn(folder.path), bodies(100))
    }
    faults.roomBytes = undefined
    assert.equal(lane.writer.commit(bytes, next, 2).kind, 'durable')
    assert.deepEqual(bodiesIn(folder.path), bodies(200))
  })

  it('waits for room to seal a segment and to begin the next', async () => {
    await using folder = await temporaryFolder()
    const faults = new Faults()
    const lane = new Lane(folder.path, { files: faultyFiles(faults), segmentBytes: 4000 })
    lane.writer.start(1)
    lane.commit(numbered(200))
    const { bytes, next } = lane.batch(numbered(200, 200))
    for (const room of [0, 20, 40, 60, 103, 104, 500]) {
      faults.roomBytes = room
      assert.equal(lane.writer.commit(bytes, next, 2).kind, 'full', `with room for ${room} bytes`)
    }
    faults.roomBytes = undefined
    assert.equal(lane.writer.commit(bytes, next, 2).kind, 'durable')
    lane.writer.close()
    assert.deepEqual(bodiesIn(folder.path), bodies(400))
    assert.equal(readdirSync(folder.path).length, 2)
  })

  it('never syncs a file again whose sync has failed: the batch goes to a new segment', async () => {
    await using folder = await temporaryFolder()
    const faults = new Faults()
    const lane = new Lane(folder.path, { files: faultyFiles(faults) })
    lane.writer.start(1)
    lane.commit(numbered(100))
    faults.failingSyncs = 1
    assert.deepEqual(lane.commit(numbered(100, 100)), { kind: 'durable', base: 100, offset: 64 })
    assert.equal(lane.commit(numbered(100, 200)).kind, 'durable')
    assert.equal(faults.repeatedSyncs, 0)
    assert.deepEqual(readdirSync(folder.path).sort(), [segmentName(0), segmentName(100)])
    assert.deepEqual(bodiesIn(folder.path), bodies(300))
  })

  it('makes an empty segment anew when the sync of its first batch fails', async () => {
    await using folder = await temporaryFolder()
    const faults = new Faults()
    const lane = new Lane(folder.path, { files: faultyFiles(faults) })
    lane.writer.start(1)
    faults.failingSyncs = 1
    assert.deepEqual(lane.commit(numbered(100)), { kind: 'durable', base: 0, offset: 64 })
    assert.equal(faults.repeatedSyncs, 0)
    assert.deepEqual(bodiesIn(folder.path), bodies(100))
  })

  it('fails for good when the new segment fails too', async () => {
    await using folder = await temporaryFolder()
    const faults = new Faults()
    const lane = new Lane(folder.path, { files: faultyFiles(faults) })
    lane.writer.start(1)
    lane.commit(numbered(100))
    faults.failingSyncs = 2
    assert.equal(lane.commit(numbered(100, 100)).kind, 'failed')
    assert.equal(faults.repeatedSyncs, 0)
    assert.deepEqual(bodiesIn(folder.path), bodies(100))
  })
})
