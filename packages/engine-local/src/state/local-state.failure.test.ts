import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '@hawser/std'
import { ManualClock, temporaryFolder } from '@hawser/std/testing'
import { open, type RootDatabase } from 'lmdb'
import { explainFailure } from './failure.ts'
import { openLocalState } from './local-state.ts'
import { WriteQueue, writeLimits } from './write-queue.ts'

/** A folder on a file system of 2 to 16 MiB, such as a small tmpfs: what the test of a full disk needs. */
const smallDisk = process.env['HAWSER_TEST_SMALL_DISK']
const put = (key: string, bytes: number) => ({ table: 't', key, value: Buffer.alloc(bytes) })

/** A database that takes writers and never answers them, as LMDB does beside a frozen process. */
const silentDatabase = { childTransaction: () => new Promise<void>(() => {}) } as unknown as RootDatabase<
  Buffer,
  Buffer
>

describe('local state, when something is wrong', () => {
  it('refuses rows of an unknown format and leaves them as they are', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'state')
    await mkdir(path)
    const options = { path, encoding: 'binary', keyEncoding: 'binary' } as const
    const future = open<Buffer, Buffer>(options)
    await future.put(Buffer.from([0xff, 0x00]), Buffer.of(9))
    await future.close()
    await assert.rejects(openLocalState({ folder: folder.path }), { code: 'DATA_DIR_VERSION' })
    const again = open<Buffer, Buffer>(options)
    assert.deepEqual(again.getBinary(Buffer.from([0xff, 0x00])), Buffer.of(9))
    await again.close()
  })

  it('a folder that cannot be made is STATE_FAILED', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'file'), '')
    await assert.rejects(openLocalState({ folder: join(folder.path, 'file') }), { code: 'STATE_FAILED' })
  })

  it('tables and keys over the limit are RangeErrors', async () => {
    await using folder = await temporaryFolder()
    await using state = await openLocalState({ folder: folder.path })
    await assert.rejects(state.get('t'.repeat(255), 'k'), RangeError)
    await assert.rejects(state.get('t\0', 'k'), RangeError)
    await assert.rejects(state.write([put('k'.repeat(65_536), 1)]), RangeError)
  })

  it('tells a full disk from another fault of the disk', async () => {
    await using folder = await temporaryFolder()
    const failed = (code: number) => {
      const error = new Error('Commit failed')
      return Object.assign(error, { commitError: Promise.reject(Object.assign(new Error('reason'), { code })) })
    }
    const full = await explainFailure(failed(constants.errno.ENOSPC), folder.path)
    assert.deepEqual([full.code, full.retryable], ['DISK_FULL', true])
    const faulty = await explainFailure(failed(constants.errno.EIO), folder.path)
    assert.deepEqual([faulty.code, faulty.retryable], ['STATE_FAILED', false])
    assert.match(faulty.message, /reason/)
  })

  it('writers without an answer are told so in time, and those after them at once', async () => {
    const clock = new ManualClock()
    const writes = new WriteQueue(silentDatabase, '/data', clock)
    const first = writes.write([put('k', 1)])
    const second = writes.write([put('k', 1)])
    clock.advance(writeLimits.answerMsMax)
    await assert.rejects(first, { code: 'STATE_FAILED', retryable: false })
    await assert.rejects(second, { code: 'STATE_FAILED', retryable: false })
    assert.throws(() => writes.write([put('k', 1)]), { code: 'STATE_FAILED' })
    await writes.drained()
  })

  it('what waits is bounded', async () => {
    const writes = new WriteQueue(silentDatabase, '/data', systemClock)
    const quarter = writeLimits.queueBytesMax / 4
    for (let waiting = 0; waiting < 3; waiting++) void writes.write([put('k', quarter)])
    assert.throws(() => writes.write([put('k', quarter)]), { code: 'STATE_FAILED', retryable: true })
  })

  const skip = smallDisk === undefined ? 'set HAWSER_TEST_SMALL_DISK to a folder on a file system of a few MiB' : false
  it('on a full disk writes are refused whole, reads go on, and writing resumes with room', { skip }, async (test) => {
    test.mock.method(console, 'error', () => {})
    const folder = join(smallDisk ?? '', `state-${process.pid}`)
    await mkdir(folder)
    const ballast = join(folder, 'ballast')
    const state = await openLocalState({ folder })
    try {
      await state.write([put('first', 3000)])
      await writeFile(ballast, Buffer.alloc(1 << 20))
      let applied = 0
      const filling = async () => {
        for (; ; applied++) await state.write([put(`${applied}/a`, 3000), put(`${applied}/b`, 3000)])
      }
      await assert.rejects(filling(), { code: 'DISK_FULL', retryable: true })
      await assert.rejects(state.write([put('more', 100_000)]), { code: 'DISK_FULL' })
      assert.equal((await state.get('t', 'first'))?.value.length, 3000)
      assert.equal(await state.get('t', `${applied}/a`), undefined)
      await rm(ballast)
      assert.equal(await state.write([put('after', 3000)]), 'applied')
      let rows = 0
      for await (const _row of state.scan('t')) rows++
      assert.equal(rows, 2 + applied * 2)
    } finally {
      await state[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    }
  })
})
