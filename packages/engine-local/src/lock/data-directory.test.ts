import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { HawserError } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { lockDataDirectory } from './data-directory.ts'
import { takeLane } from './lane-lock.ts'

const kills = 20
const racers = 6
const childPath = fileURLToPath(new URL('./testing/child.ts', import.meta.url))
/** Where not even the superuser may write. */
const readOnlyFolder = process.platform === 'darwin' ? '/System' : '/sys'
const modeOf = async (path: string) => (await stat(path)).mode & 0o777

async function startOwner(folder: string) {
  const child = spawn(process.execPath, [childPath, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  return {
    answer: value,
    pid: child.pid,
    end: async (signal: NodeJS.Signals) => {
      child.kill(signal)
      await exit
    },
  }
}

describe('lock of the data folder', () => {
  it('makes the folder, for its owner alone, with its version', async () => {
    await using parent = await temporaryFolder()
    const folder = join(parent.path, 'a', 'data')
    await using _lock = await lockDataDirectory(folder)
    assert.equal(await modeOf(folder), 0o700)
    assert.equal(await readFile(join(folder, 'VERSION'), 'utf8'), '3\n')
  })

  it('a second owner is refused with the pid of the first and the mend, until the first lets go', async () => {
    await using folder = await temporaryFolder()
    const first = await lockDataDirectory(folder.path)
    await assert.rejects(lockDataDirectory(folder.path), (error) => {
      assert.ok(error instanceof HawserError && error.code === 'DATA_DIR_IN_USE')
      assert.match(error.line, new RegExp(`pid ${process.pid}; stop it \\(kill ${process.pid}\\) or choose`))
      return true
    })
    await first[Symbol.asyncDispose]()
    await using _second = await lockDataDirectory(folder.path)
  })

  it(`${kills} owners killed leave it free at once, whatever files they leave`, async () => {
    await using folder = await temporaryFolder()
    for (let round = 0; round < kills; round++) {
      const owner = await startOwner(folder.path)
      assert.equal(owner.answer, 'locked')
      await assert.rejects(lockDataDirectory(folder.path), { code: 'DATA_DIR_IN_USE' })
      await owner.end('SIGKILL')
      assert.ok((await readdir(folder.path)).includes('lock.owner'))
      const lock = await lockDataDirectory(folder.path)
      await lock[Symbol.asyncDispose]()
    }
  })

  it('a frozen owner keeps it', async () => {
    await using folder = await temporaryFolder()
    const owner = await startOwner(folder.path)
    process.kill(owner.pid ?? 0, 'SIGSTOP')
    await assert.rejects(lockDataDirectory(folder.path), { code: 'DATA_DIR_IN_USE' })
    await owner.end('SIGKILL')
    await using _lock = await lockDataDirectory(folder.path)
  })

  it(`of ${racers} that start together one gets it`, async () => {
    await using folder = await temporaryFolder()
    const owners = await Promise.all(Array.from({ length: racers }, () => startOwner(folder.path)))
    const answers = owners.map((owner) => owner.answer).sort()
    for (const owner of owners) if (owner.answer === 'locked') await owner.end('SIGKILL')
    assert.deepEqual(answers, [...Array.from({ length: racers - 1 }, () => 'DATA_DIR_IN_USE'), 'locked'])
  })

  it('a folder of another version is refused before anything in it is touched', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'VERSION'), '7\n')
    await chmod(folder.path, 0o755)
    await assert.rejects(lockDataDirectory(folder.path), (error) => {
      assert.ok(error instanceof HawserError && error.code === 'DATA_DIR_VERSION')
      assert.match(error.message, /has version 7, not 3$/)
      return true
    })
    assert.deepEqual(await readdir(folder.path), ['VERSION'])
    assert.equal(await modeOf(folder.path), 0o755)
  })

  for (const older of [1, 2]) {
    it(`a folder of version ${older} becomes one of version 3, once nobody else has it`, async () => {
      await using folder = await temporaryFolder()
      const version = join(folder.path, 'VERSION')
      await writeFile(version, `${older}\n`)
      {
        await using _lock = await lockDataDirectory(folder.path)
        assert.equal(await readFile(version, 'utf8'), '3\n')
      }
      await using _again = await lockDataDirectory(folder.path)
      assert.equal(await readFile(version, 'utf8'), '3\n')
    })
  }

  it('members share it; who wants it alone is refused while one of them lives, and the other way round', async () => {
    await using folder = await temporaryFolder()
    const first = await lockDataDirectory(folder.path, 'member')
    const second = await lockDataDirectory(folder.path, 'member')
    using _lane = takeLane(folder.path, undefined).lock
    await first[Symbol.asyncDispose]()
    await assert.rejects(lockDataDirectory(folder.path), (error) => {
      assert.ok(error instanceof HawserError && error.code === 'DATA_DIR_IN_USE')
      assert.match(error.line, new RegExp(`pid ${process.pid}; stop it \\(kill ${process.pid}\\) or choose`))
      return true
    })
    const third = await lockDataDirectory(folder.path, 'member')
    await second[Symbol.asyncDispose]()
    await third[Symbol.asyncDispose]()
    {
      await using _alone = await lockDataDirectory(folder.path)
      await assert.rejects(lockDataDirectory(folder.path, 'member'), { code: 'DATA_DIR_IN_USE' })
    }
    await using _member = await lockDataDirectory(folder.path, 'member')
  })

  it('each takes the lowest lane that is free; a given one that is not is refused', async () => {
    await using folder = await temporaryFolder()
    const lanes = Array.from({ length: 3 }, () => takeLane(folder.path, undefined))
    assert.deepEqual(
      lanes.map(({ lane }) => lane),
      [0, 1, 2],
    )
    assert.throws(() => takeLane(folder.path, 1), { code: 'DATA_DIR_IN_USE' })
    lanes[1]?.lock[Symbol.dispose]()
    assert.equal(takeLane(folder.path, undefined).lane, 1)
  })

  it('a path that cannot be a folder is DATA_DIR_UNUSABLE', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'file'), '')
    for (const path of [join(folder.path, 'file'), join(folder.path, 'file', 'below')]) {
      await assert.rejects(lockDataDirectory(path), { code: 'DATA_DIR_UNUSABLE', retryable: false })
    }
  })

  it('a read-only folder is DATA_DIR_UNUSABLE', async () => {
    for (const path of [readOnlyFolder, join(readOnlyFolder, 'hawser')]) {
      await assert.rejects(lockDataDirectory(path), { code: 'DATA_DIR_UNUSABLE' })
    }
  })
})
