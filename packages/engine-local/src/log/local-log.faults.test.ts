import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type LogStatus, position } from '@hawser/engine'
import { append, collect, commitAll, committed, publishRecord, readOwn, span } from '@hawser/engine/contract'
import { type HawserError, systemClock } from '@hawser/std'
import { ManualClock, temporaryFolder } from '@hawser/std/testing'
import { dictionaryName } from './dictionary-format.ts'
import { indexName, indexSuffix, laneFolderName, segmentName, segmentSuffix } from './format.ts'
import { type LocalLog, type LocalLogOptions, openLocalLog } from './local-log.ts'
import { Faults, faultyFilesUrl } from './testing/faulty-files.ts'
import { numbered, parseSegment } from './testing/lanes.ts'

const open = (folder: string, options: Partial<LocalLogOptions> = {}): Promise<LocalLog> =>
  openLocalLog({ folder, clock: systemClock, ...options })

const statusOf = (log: LocalLog, kind: LogStatus['kind']): Promise<LogStatus> =>
  new Promise((resolve) => {
    const listening = log.onStatus((status) => {
      if (status.kind !== kind) return
      listening[Symbol.dispose]()
      resolve(status)
    })
  })

const bodiesOf = async (log: LocalLog, from = 0): Promise<string[]> =>
  (await readOwn(log, from)).map(({ body }) => body)
const bodies = (count: number): string[] => numbered(count).map(({ body }) => body)
const laneFiles = (folder: string, suffix: string): string[] =>
  readdirSync(join(folder, laneFolderName(0)))
    .filter((name) => name.endsWith(suffix))
    .sort()
    .map((name) => join(folder, laneFolderName(0), name))

describe('local log on a full disk', () => {
  it('refuses, goes on reading, keeps what waits, and opens by itself', async () => {
    await using folder = await temporaryFolder()
    const faults = new Faults()
    const clock = new ManualClock()
    await using log = await open(folder.path, { clock, files: { url: faultyFilesUrl, data: faults.data } })
    await commitAll(log, numbered(100))
    faults.roomBytes = 1000
    const becameFull = statusOf(log, 'full')
    for (const record of numbered(100, 100)) append(log, record)
    const status = await becameFull
    assert.ok(status.kind === 'full' && status.error.code === 'DISK_FULL' && status.error.retryable)
    assert.ok(status.error.mend !== undefined)
    assert.throws(() => append(log, publishRecord('a', 'refused')), /full/)
    assert.deepEqual(await bodiesOf(log), bodies(100))

    faults.roomBytes = undefined
    const opened = statusOf(log, 'open')
    const done = committed(log, 199)
    clock.advance(1000)
    await opened
    await done
    assert.deepEqual(await bodiesOf(log), bodies(200))
    await commitAll(log, numbered(100, 200))
    assert.deepEqual(await bodiesOf(log), bodies(300))
  })

  it('closes without what could not be written, and invents nothing', async () => {
    await using folder = await temporaryFolder()
    const faults = new Faults()
    const log = await open(folder.path, { clock: new ManualClock(), files: { url: faultyFilesUrl, data: faults.data } })
    await commitAll(log, numbered(100))
    faults.roomBytes = 500
    const becameFull = statusOf(log, 'full')
    for (const record of numbered(100, 100)) append(log, record)
    await becameFull
    await log[Symbol.asyncDispose]()
    await using again = await open(folder.path)
    assert.deepEqual(await bodiesOf(again), bodies(100))
  })

  it('begins its first segment once there is room for it', async () => {
    await using folder = await temporaryFolder()
    const faults = new Faults()
    const clock = new ManualClock()
    await using log = await open(folder.path, { clock, files: { url: faultyFilesUrl, data: faults.data } })
    faults.roomBytes = 10
    const becameFull = statusOf(log, 'full')
    for (const record of numbered(100)) append(log, record)
    await becameFull
    faults.roomBytes = undefined
    const done = committed(log, 99)
    clock.advance(1000)
    await done
    assert.deepEqual(await bodiesOf(log), bodies(100))
  })

  it('is not opened in a folder that takes no file', async () => {
    await using folder = await temporaryFolder()
    const lane = join(folder.path, laneFolderName(0))
    mkdirSync(lane, { recursive: true })
    symlinkSync('/dev/full', join(lane, 'probe'))
    await assert.rejects(open(folder.path), { code: 'DISK_FULL' })
  })
})

describe('local log with failing syncs', () => {
  it('goes on in a new segment after one, with every record once', async () => {
    await using folder = await temporaryFolder()
    const faults = new Faults()
    const log = await open(folder.path, { files: { url: faultyFilesUrl, data: faults.data } })
    await commitAll(log, numbered(100))
    faults.failingSyncs = 1
    await commitAll(log, numbered(100, 100))
    await commitAll(log, numbered(100, 200))
    assert.equal(faults.repeatedSyncs, 0)
    assert.equal(laneFiles(folder.path, segmentSuffix).length, 2)
    assert.deepEqual(await bodiesOf(log), bodies(300))
    await log[Symbol.asyncDispose]()
    await using again = await open(folder.path)
    assert.deepEqual(await bodiesOf(again), bodies(300))
  })

  it('fails for good after two, and says so; what was durable can still be read', async () => {
    await using folder = await temporaryFolder()
    const faults = new Faults()
    await using log = await open(folder.path, { files: { url: faultyFilesUrl, data: faults.data } })
    await commitAll(log, numbered(100))
    faults.failingSyncs = 2
    const failed = statusOf(log, 'failed')
    for (const record of numbered(100, 100)) append(log, record)
    const status = await failed
    assert.ok(status.kind === 'failed' && status.error.code === 'LOG_FAILED')
    assert.throws(() => append(log, publishRecord('a', 'refused')), /failed/)
    assert.deepEqual(await bodiesOf(log), bodies(100))
  })
})

describe('local log with damage', () => {
  it('reports a corrupt middle with file and offset, and reads what lies before and behind', async () => {
    await using folder = await temporaryFolder()
    const log = await open(folder.path)
    for (let batch = 0; batch < 10; batch++) await commitAll(log, numbered(100, batch * 100))
    await log[Symbol.asyncDispose]()
    const file = join(folder.path, laneFolderName(0), segmentName(0))
    const harmed = parseSegment(file).frames.find((frame) => frame.records[0]?.position === 500)
    assert.ok(harmed !== undefined)
    const bytes = readFileSync(file)
    bytes[harmed.offset + 60] = (bytes[harmed.offset + 60] ?? 0) ^ 1
    writeFileSync(file, bytes)

    await using again = await open(folder.path)
    const seen: string[] = []
    const damage = { file, offset: harmed.offset, from: 500, next: 600 }
    const reading = async (): Promise<void> => {
      for await (const batch of again.read(again.own, position(0))) {
        for (let index = 0; index < batch.count; index++) seen.push(String(batch.positions[index]))
      }
    }
    await assert.rejects(reading(), (error: { code?: string; cause?: unknown; message?: string }) => {
      assert.equal(error.code, 'DATA_CORRUPT')
      assert.deepEqual(error.cause, damage)
      assert.match(error.message ?? '', new RegExp(`${segmentName(0)} is damaged at byte ${harmed.offset}`))
      return true
    })
    assert.deepEqual(seen, bodies(500))
    assert.deepEqual(await bodiesOf(again, 600), bodies(1000).slice(600))
    await again.indexed()
    await assert.rejects(collect(again.find(again.own, position(0), [span('n')])), { code: 'DATA_CORRUPT' })
    const found = await collect(again.find(again.own, position(600), [span('+')]))
    assert.deepEqual(
      found.map(({ body }) => body),
      bodies(1000).slice(600),
    )
  })

  it('never gives a number again that was cut off', async () => {
    await using folder = await temporaryFolder()
    const log = await open(folder.path)
    await commitAll(log, numbered(10))
    await commitAll(log, numbered(10, 10))
    await log[Symbol.asyncDispose]()
    const file = join(folder.path, laneFolderName(0), segmentName(0))
    truncateSync(file, (parseSegment(file).frames[1]?.offset ?? 0) + 10)
    await using again = await open(folder.path)
    assert.deepEqual(
      again.recovery.map(({ kind }) => kind),
      ['torn'],
    )
    await commitAll(again, numbered(1, 10))
    const positions = (await readOwn(again)).map((record) => record.position)
    assert.equal(positions.length, 11)
    assert.ok((positions[10] ?? 0) > 20)
  })

  it('says what is wrong with a folder that cannot be used', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'file')
    writeFileSync(path, '')
    await assert.rejects(open(path), (error: HawserError) => {
      assert.equal(error.code, 'DATA_DIR_UNUSABLE')
      assert.ok(error.message.includes(path) && error.mend !== undefined)
      return true
    })
  })

  it('refuses a log of another version', async () => {
    await using folder = await temporaryFolder()
    await (await open(folder.path))[Symbol.asyncDispose]()
    const meta = join(folder.path, 'log.json')
    writeFileSync(meta, readFileSync(meta, 'utf8').replace('"version":1', '"version":2'))
    await assert.rejects(open(folder.path), { code: 'DATA_DIR_VERSION' })
    writeFileSync(meta, 'nonsense')
    await assert.rejects(open(folder.path), { code: 'DATA_DIR_UNUSABLE' })
  })
})

describe('local log, indexed', () => {
  const topicOf = (index: number): string => `site/${index % 7}/machine/${index % 500}`
  const records = Array.from({ length: 20_000 }, (_, index) =>
    publishRecord(topicOf(index), `${index}${'.'.repeat(80)}`),
  )
  const small = { segmentBytes: 1 << 18, recentBytesMax: 0, recordBytesMax: 1 << 16, pendingBytesMax: 1 << 17 }

  const fill = async (log: LocalLog): Promise<void> => {
    for (let at = 0; at < records.length; at += 500) await commitAll(log, records.slice(at, at + 500))
  }
  const findBodies = async (log: LocalLog, filters: readonly string[]): Promise<string[]> =>
    (
      await collect(
        log.find(
          log.own,
          position(0),
          filters.map((filter) => span(filter)),
        ),
      )
    ).map(({ body }) => body)
  const expected = (matches: (topic: string) => boolean): string[] =>
    records.filter(({ topic }) => matches(topic)).map(({ body }) => body)

  async function assertFinds(log: LocalLog): Promise<void> {
    assert.deepEqual(
      await findBodies(log, ['site/3/machine/3']),
      expected((topic) => topic === 'site/3/machine/3'),
    )
    assert.deepEqual(await findBodies(log, ['+/+/machine/17', 'site/1/machine/1']), [
      ...expected((topic) => topic.endsWith('/machine/17') || topic === 'site/1/machine/1'),
    ])
    assert.deepEqual(
      await findBodies(log, ['site/5/#']),
      expected((topic) => topic.startsWith('site/5/')),
    )
    assert.deepEqual(await findBodies(log, ['none/#', 'none']), [])
  }

  it('finds the same from sidecars as by scanning, before and after opening anew', async () => {
    await using folder = await temporaryFolder()
    const log = await open(folder.path, small)
    await fill(log)
    await log.indexed()
    const segments = laneFiles(folder.path, segmentSuffix).length
    assert.ok(segments > 5)
    assert.equal(laneFiles(folder.path, indexSuffix).length, segments - 1)
    await assertFinds(log)
    await log[Symbol.asyncDispose]()
    await using again = await open(folder.path, small)
    await again.indexed()
    await assertFinds(again)
  })

  it('builds again what is missing, damaged or no longer backed by the dictionary', async () => {
    await using folder = await temporaryFolder()
    const log = await open(folder.path, small)
    await fill(log)
    await log.indexed()
    await log[Symbol.asyncDispose]()
    const sidecars = laneFiles(folder.path, indexSuffix)
    const dictionary = join(folder.path, laneFolderName(0), dictionaryName)
    const harms: Readonly<Record<string, () => void>> = {
      'one is missing': () => unlinkSync(sidecars[1] ?? ''),
      'one is torn': () => truncateSync(sidecars[2] ?? '', 100),
      'one has a damaged body': () => flip(sidecars[3] ?? '', 200),
      'one has a damaged head': () => flip(sidecars[4] ?? '', 30),
      'the dictionary is torn': () => truncateSync(dictionary, 100),
      'the dictionary is damaged': () => flip(dictionary, 60),
      'the dictionary is gone': () => unlinkSync(dictionary),
    }
    for (const [what, harm] of Object.entries(harms)) {
      harm()
      await using again = await open(folder.path, small)
      await assertFinds(again)
      await again.indexed()
      await assertFinds(again)
      assert.ok(laneFiles(folder.path, indexSuffix).length >= sidecars.length, what)
    }
  })

  it('reads nothing but what may match: damage elsewhere is not even seen', async () => {
    await using folder = await temporaryFolder()
    const log = await open(folder.path, small)
    await fill(log)
    await commitAll(log, [publishRecord('rare/topic', 'found')])
    await log[Symbol.asyncDispose]()
    await using again = await open(folder.path, small)
    await again.indexed()
    for (const segment of laneFiles(folder.path, segmentSuffix).slice(0, -2)) {
      for (const frame of parseSegment(segment).frames) flip(segment, frame.offset + 50)
    }
    assert.deepEqual(await findBodies(again, ['rare/topic']), ['found'])
    assert.deepEqual(await findBodies(again, ['+/topic', 'rare/+/#']), ['found'])
    await assert.rejects(findBodies(again, ['site/3/machine/3']), { code: 'DATA_CORRUPT' })
  })

  it('reports an index that cannot be written, and finds without it', async () => {
    await using folder = await temporaryFolder()
    const fault = Promise.withResolvers<HawserError>()
    await using log = await open(folder.path, { ...small, onFault: fault.resolve })
    mkdirSync(join(folder.path, laneFolderName(0), indexName(0)))
    await fill(log)
    assert.ok((await fault.promise).retryable)
    await assertFinds(log)
  })

  it('stays right when there are more topics than the dictionary takes', async () => {
    await using folder = await temporaryFolder()
    const faults: unknown[] = []
    const options = { ...small, topicsMax: 50, onFault: (error: unknown) => faults.push(error) }
    const log = await open(folder.path, options)
    await fill(log)
    await log.indexed()
    await assertFinds(log)
    await log[Symbol.asyncDispose]()
    await using again = await open(folder.path, options)
    await again.indexed()
    await assertFinds(again)
    assert.deepEqual(faults, [])
  })

  it('begins a full dictionary anew once most of what filled it is deleted', async () => {
    await using folder = await temporaryFolder()
    const options = { ...small, topicsMax: 50, retention: { bytes: 0, ms: 0 } }
    const dictionary = join(folder.path, laneFolderName(0), dictionaryName)
    const log = await open(folder.path, options)
    await fill(log)
    await commitAll(log, [publishRecord('rare/topic', 'found')])
    await log.indexed()
    log.setFloor(new Map([[log.own, position(19_000)]]))
    await log[Symbol.asyncDispose]()
    assert.ok(!readFileSync(dictionary).includes('rare/topic'))
    await using renewed = await open(folder.path, options)
    await renewed.indexed()
    assert.ok(!readFileSync(dictionary).includes(topicOf(0)))
    const found = await collect(renewed.find(renewed.own, position(19_000), [span('+/topic')]))
    assert.deepEqual(
      found.map(({ body }) => body),
      ['found'],
    )
  })

  it('deletes what retention allows below the floor, sidecars too, and nothing above', async () => {
    await using folder = await temporaryFolder()
    const log = await open(folder.path, { ...small, retention: { bytes: 0, ms: 0 } })
    await fill(log)
    await log.indexed()
    const before = laneFiles(folder.path, segmentSuffix)
    log.setFloor(new Map([[log.own, position(10_000)]]))
    const start = log.partitions()[0]?.start ?? 0
    assert.ok(start > 0 && start <= 10_000)
    await assert.rejects(readOwn(log, 0), { code: 'POSITION_GONE' })
    assert.deepEqual(
      await bodiesOf(log, 10_000),
      records.slice(10_000).map(({ body }) => body),
    )
    await log[Symbol.asyncDispose]()
    const left = laneFiles(folder.path, segmentSuffix)
    assert.deepEqual(left, before.slice(-left.length))
    assert.ok(left[0]?.endsWith(segmentName(start)))
    assert.equal(laneFiles(folder.path, indexSuffix).length, left.length - 1)
  })

  it('keeps what is younger than retention says, and deletes it when its time has come', async () => {
    await using folder = await temporaryFolder()
    const clock = new ManualClock()
    await using log = await open(folder.path, { ...small, clock, retention: { bytes: 1 << 30, ms: 60_000 } })
    await fill(log)
    const { end = position(0) } = log.partitions()[0] ?? {}
    log.setFloor(new Map([[log.own, end]]))
    assert.equal(log.partitions()[0]?.start, 0)
    clock.advance(180_000)
    assert.ok((log.partitions()[0]?.start ?? 0) > 0)
  })
})

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] ?? 0) ^ 0x40
  writeFileSync(path, bytes)
}
