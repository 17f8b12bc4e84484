import assert from 'node:assert/strict'
import { copyFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type MessageLog, position } from '@hawser/engine'
import { commitAll, publishRecord, readOwn } from '@hawser/engine/contract'
import { seededRandom, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { openLocalEngine } from '../local-engine.ts'
import { backUp } from './backup.ts'
import { inspectLog } from './inspect.ts'
import { positionsPassedOnRestore, restore } from './restore.ts'
import { verifyDataFolder } from './verify.ts'

const clock = systemClock
const open = (folder: string) => openLocalEngine({ folder, clock, random: seededRandom(1) })

const fill = (log: MessageLog, from: number, count: number): Promise<void> =>
  commitAll(
    log,
    Array.from({ length: count }, (_, index) => publishRecord(`t/${index % 10}`, `body ${from + index}`)),
  )

/** A closed data folder with records in two segments and some rows. */
async function filledFolder(folder: string, records = 1_000): Promise<void> {
  for (let start = 0; start < 2; start++) {
    await using engine = await open(folder)
    await fill(engine.log, start * records, records)
    await engine.state.write([{ table: 'session', key: `client ${start}`, value: Buffer.from('its row') }])
  }
}

const flip = async (path: string, at: number): Promise<void> => {
  const bytes = await readFile(path)
  bytes[at] = (bytes[at] ?? 0) ^ 0x10
  await writeFile(path, bytes)
}

const segmentsOf = async (folder: string): Promise<string[]> => {
  const lane = join(folder, 'log', 'lane-00000')
  return (await readdir(lane))
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => join(lane, name))
}

describe('backup and restore', () => {
  it('a backup taken under load holds all that was acknowledged before it began, and rows that its log bears out', async () => {
    await using parent = await temporaryFolder()
    const folder = join(parent.path, 'data')
    await using engine = await open(folder)
    await fill(engine.log, 0, 5_000)
    await engine.state.write([{ table: 'broker', key: 'upto', value: Buffer.from('5000') }])
    const acknowledged = (await readOwn(engine.log)).length
    const target = join(parent.path, 'backup')
    const copying = backUp({ folder, target, clock })
    for (let more = 0; more < 20; more++) await fill(engine.log, 5_000 + more * 100, 100)
    await copying
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('backup')),
      [],
    )
    const again = join(parent.path, 'again')
    await restore({ backup: target, folder: again, clock })
    await using restored = await open(again)
    const bodies = (await readOwn(restored.log)).map(({ body }) => body)
    assert.ok(bodies.length >= acknowledged)
    assert.deepEqual(
      bodies,
      bodies.map((_, index) => `body ${index}`),
    )
    assert.equal((await restored.state.get('broker', 'upto'))?.value.toString(), '5000')
  })

  it('a restored lane never uses a position again that its readers may have seen', async () => {
    await using parent = await temporaryFolder()
    const folder = join(parent.path, 'data')
    await filledFolder(folder)
    await backUp({ folder, target: join(parent.path, 'backup'), clock })
    let seen = 0
    {
      await using engine = await open(folder)
      await fill(engine.log, 2_000, 10)
      seen = Number(engine.log.partitions()[0]?.end)
    }
    await restore({ backup: join(parent.path, 'backup'), folder: join(parent.path, 'again'), clock })
    await using restored = await open(join(parent.path, 'again'))
    await fill(restored.log, 0, 1)
    const [stored] = (await readOwn(restored.log)).slice(-1)
    assert.ok(Number(stored?.position) >= positionsPassedOnRestore)
    assert.ok(Number(stored?.position) > seen)
    // A reader that was ahead goes on with what is new.
    const read = []
    for await (const batch of restored.log.read(restored.log.own, position(seen))) read.push(batch.count)
    assert.deepEqual(read, [1])
  })

  it('what is no whole backup is refused before anything is made, by file and fault', async () => {
    await using parent = await temporaryFolder()
    const folder = join(parent.path, 'data')
    await filledFolder(folder)
    const backup = join(parent.path, 'backup')
    await backUp({ folder, target: backup, clock })
    const target = join(parent.path, 'again')
    const [segment = ''] = await segmentsOf(backup)
    await flip(segment, 500)
    await assert.rejects(restore({ backup, folder: target, clock }), (error: Error) => {
      assert.match(error.message, /lane-00000.*its bytes are not those that were written/)
      return true
    })
    await truncate(segment, 700)
    await assert.rejects(restore({ backup, folder: target, clock }), /has 700 bytes of/)
    await rm(segment)
    await assert.rejects(restore({ backup, folder: target, clock }), /it is missing/)
    await rm(join(backup, 'backup.json'))
    await assert.rejects(restore({ backup, folder: target, clock }), { code: 'DATA_DIR_UNUSABLE' })
    assert.deepEqual((await readdir(parent.path)).sort(), ['backup', 'data'])
  })

  it('neither writes into a folder that has something in it', async () => {
    await using parent = await temporaryFolder()
    const folder = join(parent.path, 'data')
    await filledFolder(folder)
    await assert.rejects(backUp({ folder, target: folder, clock }), { code: 'DATA_DIR_UNUSABLE' })
    await backUp({ folder, target: join(parent.path, 'backup'), clock })
    await assert.rejects(restore({ backup: join(parent.path, 'backup'), folder, clock }), {
      code: 'DATA_DIR_UNUSABLE',
    })
  })

  it('a folder of a newer version is refused', async () => {
    await using parent = await temporaryFolder()
    await writeFile(join(parent.path, 'VERSION'), '9\n')
    await assert.rejects(inspectLog(parent.path), { code: 'DATA_DIR_VERSION' })
    await assert.rejects(verifyDataFolder(parent.path), { code: 'DATA_DIR_VERSION' })
  })
})

describe('verify', () => {
  it('finds nothing in a whole folder, also while it is written', async () => {
    await using parent = await temporaryFolder()
    await filledFolder(parent.path)
    assert.deepEqual((await verifyDataFolder(parent.path)).findings, [])
    await using engine = await open(parent.path)
    await fill(engine.log, 2_000, 100)
    const verified = await verifyDataFolder(parent.path)
    assert.deepEqual(verified.findings, [])
    assert.equal(verified.records, 2_100)
    const report = await inspectLog(parent.path)
    assert.deepEqual(
      report.lanes.map(({ lane, segments }) => [Number(lane), segments.length]),
      [[0, 3]],
    )
  })

  it('names the file and offset of a flip anywhere in a segment', async () => {
    await using parent = await temporaryFolder()
    const whole = join(parent.path, 'data')
    await filledFolder(whole)
    const [segment = ''] = await segmentsOf(whole)
    const { length } = await readFile(segment)
    const kept = join(parent.path, 'kept')
    await copyFile(segment, kept)
    for (const at of [5, 70, 1_000, Math.floor(length / 2), length - 50]) {
      await flip(segment, at)
      const { findings } = await verifyDataFolder(whole)
      const lost = findings.filter(({ kind }) => kind === 'lost')
      assert.equal(lost[0]?.file, segment, `a flip at ${at}`)
      assert.ok((lost[0]?.offset ?? length) <= at, `a flip at ${at} is found at ${lost[0]?.offset}`)
      await copyFile(kept, segment)
    }
    assert.deepEqual((await verifyDataFolder(whole)).findings, [])
  })

  it('names a segment that is missing between others, and an index or dictionary that will be built again', async () => {
    await using parent = await temporaryFolder()
    for (let start = 0; start < 3; start++) {
      await using engine = await open(parent.path)
      await fill(engine.log, start * 100, 100)
    }
    const [, second = '', third = ''] = await segmentsOf(parent.path)
    const dictionary = join(parent.path, 'log', 'lane-00000', 'topics.names')
    await writeFile(dictionary, 'no dictionary')
    await rm(second)
    const { findings } = await verifyDataFolder(parent.path)
    assert.deepEqual(
      findings.map(({ kind, file, offset }) => [kind, file, offset]),
      [
        ['lost', third, 0],
        ['rebuilt', dictionary, 0],
      ],
    )
    assert.match(findings[0]?.what ?? '', /segment before it is missing: positions 100 to 199/)
  })

  it('names a row of the state that is not what was written', async () => {
    await using parent = await temporaryFolder()
    await filledFolder(parent.path)
    const file = join(parent.path, 'state', 'data.mdb')
    const at = (await readFile(file)).lastIndexOf('its row')
    await flip(file, at)
    const [finding] = (await verifyDataFolder(parent.path)).findings
    assert.deepEqual([finding?.kind, finding?.file], ['lost', file])
    assert.match(finding?.what ?? '', /session client \d/)
  })
})
