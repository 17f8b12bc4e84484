import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { seededRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { nodeFiles } from './files.ts'
import { encodeSegmentHeader, segmentName } from './format.ts'
import { positionsPassedOver, type RecoveredLane, recoverLane } from './recovery.ts'
import { Lane, numbered, type ParsedFrame, parseSegment, testLogId } from './testing/lanes.ts'

const recover = (folder: string): RecoveredLane => recoverLane(nodeFiles, folder, 0, testLogId)

/** A folder with one unsealed segment, to be copied and harmed. */
class Specimen {
  readonly folder: string
  readonly frames: readonly ParsedFrame[]
  readonly bytes: Buffer
  #copies = 0

  constructor(folder: string) {
    this.folder = folder
    const path = join(folder, 'whole', segmentName(0))
    this.frames = parseSegment(path).frames
    this.bytes = readFileSync(path)
  }

  static make(folder: string, batches: readonly number[]): Specimen {
    mkdirSync(join(folder, 'whole'))
    const lane = new Lane(join(folder, 'whole'))
    lane.writer.start(1)
    let from = 0
    for (const count of batches) {
      lane.commit(numbered(count, from))
      from += count
    }
    // Without the zeroes that it has grown by, so that its last byte is a record's.
    const path = join(folder, 'whole', segmentName(0))
    const last = parseSegment(path).frames.at(-1)
    truncateSync(path, (last?.offset ?? 0) + (last?.bytes ?? 0))
    return new Specimen(folder)
  }

  /** A copy's folder, after `harm` had its way with the segment's file. */
  harmed(harm: (path: string, bytes: Buffer) => void): string {
    const folder = join(this.folder, `copy-${this.#copies++}`)
    cpSync(join(this.folder, 'whole'), folder, { recursive: true })
    harm(join(folder, segmentName(0)), Buffer.from(this.bytes))
    return folder
  }

  /** How many records stand in the frames that end at or before `offset`. */
  recordsBefore(offset: number): number {
    return this.frames
      .filter((frame) => frame.offset + frame.bytes <= offset)
      .reduce((sum, frame) => sum + frame.records.length, 0)
  }
}

/** Recovers and checks that exactly the first `count` records are there, sealed, and all numbers behind them are spent. */
function assertHolds(folder: string, count: number, what: string): void {
  const { segments, nextBase } = recover(folder)
  assert.equal(segments[0]?.end, count, what)
  assert.equal(nextBase, count + positionsPassedOver, what)
  const { frames, isSealed } = parseSegment(join(folder, segmentName(0)))
  assert.ok(isSealed, what)
  const found = frames.flatMap((frame) => frame.records)
  assert.deepEqual(
    found.map(({ position, body }) => [position, body]),
    numbered(count).map(({ body }, index) => [index, body]),
    what,
  )
  const again = recover(folder)
  assert.deepEqual([again.nextBase, again.notes], [nextBase, []], `${what}, opened once more`)
}

describe('recovery', () => {
  it('cuts a tail off at every byte of the last frames, and reads no half of it', async () => {
    await using folder = await temporaryFolder()
    const specimen = Specimen.make(folder.path, [3, 2, 1])
    for (let length = 64; length <= specimen.bytes.length; length++) {
      const harmed = specimen.harmed((path) => truncateSync(path, length))
      assertHolds(harmed, specimen.recordsBefore(length), `cut to ${length} bytes`)
    }
  })

  it('cuts off a last batch with any byte of it changed', async () => {
    await using folder = await temporaryFolder()
    const specimen = Specimen.make(folder.path, [3, 2])
    const last = specimen.frames.at(-1)
    assert.ok(last !== undefined)
    for (let at = last.offset; at < specimen.bytes.length; at++) {
      const harmed = specimen.harmed((path, bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 0x10
        writeFileSync(path, bytes)
      })
      assertHolds(harmed, 3, `byte ${at} changed`)
    }
  })

  it('cuts off zeroes, garbage, and frames behind a hole in the same unfinished batch', async () => {
    await using folder = await temporaryFolder()
    const specimen = Specimen.make(folder.path, [3, 9000])
    const random = seededRandom(1)
    const inLastBatch = specimen.frames.filter((frame) => frame.durableUpTo === 3)
    assert.ok(inLastBatch.length > 3)
    const hole = inLastBatch[1]
    assert.ok(hole !== undefined)
    const zeroed = specimen.harmed((path, bytes) => writeFileSync(path, bytes.fill(0, hole.offset, hole.offset + 4096)))
    assertHolds(zeroed, hole.records[0]?.position ?? Number.NaN, 'a hole of zeroes')
    const stale = specimen.bytes.subarray(64, 20_000)
    for (const tail of [Buffer.alloc(10_000), Buffer.from(random.bytes(10_000)), stale, stale.subarray(1)]) {
      const harmed = specimen.harmed((path, bytes) => writeFileSync(path, Buffer.concat([bytes, tail])))
      assertHolds(harmed, 9003, 'something behind the last frame')
    }
  })

  it('reports damage below the durable watermark, and keeps what lies before and behind it', async () => {
    await using folder = await temporaryFolder()
    const specimen = Specimen.make(folder.path, [10, 10, 10, 10])
    const [, second, third] = specimen.frames
    assert.ok(second !== undefined && third !== undefined)
    for (let at = second.offset; at < third.offset; at++) {
      const harmed = specimen.harmed((path, bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 0x01
        writeFileSync(path, bytes)
      })
      const file = join(harmed, segmentName(0))
      const { segments, notes } = recover(harmed)
      assert.deepEqual(notes, [{ kind: 'damaged', damage: { file, offset: second.offset, from: 10, next: 20 } }])
      assert.equal(segments[0]?.end, 40)
      assert.equal(segments[0]?.dataEnd, specimen.bytes.length)
      assert.deepEqual(
        readFileSync(file).subarray(third.offset, specimen.bytes.length),
        specimen.bytes.subarray(third.offset),
      )
    }
  })

  it('says nothing of the zeroes that a file grows by', async () => {
    await using folder = await temporaryFolder()
    const lane = new Lane(folder.path)
    lane.writer.start(1)
    lane.commit(numbered(10))
    const path = join(folder.path, segmentName(0))
    assert.ok(statSync(path).size > 100_000)
    const { segments, notes } = recover(folder.path)
    assert.deepEqual([segments[0]?.end, notes], [10, []])
    assert.ok(statSync(path).size < 1000)
  })

  it('says what it cut off', async () => {
    await using folder = await temporaryFolder()
    const specimen = Specimen.make(folder.path, [3, 2])
    const cut = specimen.bytes.length - 1
    const start = specimen.frames.at(-1)?.offset ?? 0
    const harmed = specimen.harmed((path) => truncateSync(path, cut))
    assert.deepEqual(recover(harmed).notes, [{ kind: 'torn', file: segmentName(0), offset: start, bytes: cut - start }])
  })

  it('writes once more what may be in the page cache alone, and syncs file and folder', async () => {
    await using folder = await temporaryFolder()
    const specimen = Specimen.make(folder.path, [3, 4, 5])
    const last = specimen.frames.at(-1)
    const done: string[] = []
    recoverLane(
      {
        ...nodeFiles,
        write(file, bytes, offset, length, at) {
          done.push(`write ${at}+${length}`)
          return nodeFiles.write(file, bytes, offset, length, at)
        },
        sync(file) {
          done.push('sync')
          nodeFiles.sync(file)
        },
        syncFolder(path) {
          done.push('sync folder')
          nodeFiles.syncFolder(path)
        },
      },
      join(folder.path, 'whole'),
      0,
      testLogId,
    )
    const end = specimen.bytes.length
    assert.deepEqual(done, [`write ${last?.offset}+${last?.bytes}`, `write ${end}+40`, 'sync', 'sync folder'])
  })

  it('a segment that was closed in good order is not scanned, and no number is passed over', async () => {
    await using folder = await temporaryFolder()
    const lane = new Lane(folder.path, { segmentBytes: 2000 })
    lane.writer.start(1)
    for (let batch = 0; batch < 10; batch++) lane.commit(numbered(50, batch * 50))
    lane.writer.close()
    let bytesRead = 0
    const recovered = recoverLane(
      {
        ...nodeFiles,
        read(file, bytes, offset, length, at) {
          bytesRead += length
          return nodeFiles.read(file, bytes, offset, length, at)
        },
      },
      folder.path,
      0,
      testLogId,
    )
    assert.equal(recovered.nextBase, 500)
    assert.equal(recovered.epoch, 2)
    assert.ok(recovered.segments.length > 3)
    assert.ok(bytesRead <= recovered.segments.length * 200)
  })

  it('ends a segment where the next one begins, whatever stands behind', async () => {
    await using folder = await temporaryFolder()
    const specimen = Specimen.make(folder.path, [3, 2])
    const header = { lane: 0, epoch: 1, base: 3, createdMicros: 1, logId: testLogId }
    writeFileSync(join(specimen.folder, 'whole', segmentName(3)), encodeSegmentHeader(header))
    const { segments } = recover(join(specimen.folder, 'whole'))
    assert.deepEqual(
      segments.map(({ base, end }) => [base, end]),
      [
        [0, 3],
        [3, 3],
      ],
    )
  })

  it('refuses another version and another log before it touches anything', async () => {
    await using folder = await temporaryFolder()
    const specimen = Specimen.make(folder.path, [3])
    const { crc32 } = await import('node:zlib')
    const newer = specimen.harmed((path, bytes) => {
      bytes.writeUInt32LE(2, 4)
      bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
      writeFileSync(path, bytes)
    })
    const sizeBefore = statSync(join(newer, segmentName(0))).size
    assert.throws(() => recover(newer), { code: 'DATA_DIR_VERSION' })
    assert.throws(() => recoverLane(nodeFiles, join(folder.path, 'whole'), 0, Buffer.alloc(16, 8)), {
      code: 'DATA_DIR_UNUSABLE',
    })
    assert.equal(statSync(join(newer, segmentName(0))).size, sizeBefore)
  })

  it('makes a segment anew whose header was never whole', async () => {
    await using folder = await temporaryFolder()
    const specimen = Specimen.make(folder.path, [3])
    for (const length of [0, 1, 63]) {
      const { segments, nextBase } = recover(specimen.harmed((path) => truncateSync(path, length)))
      assert.deepEqual([segments, nextBase], [[], 0])
    }
  })
})
