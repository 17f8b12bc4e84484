/** What is wrong with a data folder, each really so: one line, its exit code, and nothing touched. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { type Ended, runHawserProcess } from '../src/testing/running-hawser.ts'

const commands = {
  broker: ['broker', '--port', '0', '--ws-port', '0'],
  up: ['up', '--mqtt-port', '0', '--ws-port', '0', '--http-port', '0', '--scenario', 'none'],
} as const

function oneLine({ code, stdout, stderr }: Ended, exitCode: number, pattern: RegExp): void {
  assert.deepEqual({ code, stdout }, { code: exitCode, stdout: '' }, stderr)
  assert.match(stderr, /^hawser: [^\n]+; [^\n]+\n$/)
  assert.match(stderr, pattern)
}

const mountable = process.platform === 'linux' && process.getuid?.() === 0
const skip = mountable ? false : 'mounting a file system needs root on Linux: sudo npm test'

async function mounted(options: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'mount')
  mkdirSync(path)
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'hawser-test', path])
  return {
    path,
    async [Symbol.asyncDispose]() {
      execFileSync('umount', ['--lazy', path])
      await folder[Symbol.asyncDispose]()
    },
  }
}

for (const [name, args] of Object.entries(commands)) {
  describe(`hawser ${name}: data folder`, () => {
    it('of another version is left as it is', async () => {
      await using folder = await temporaryFolder()
      writeFileSync(join(folder.path, 'VERSION'), '9\n')
      const ended = await runHawserProcess([...args, '--data-dir', folder.path])
      oneLine(ended, 5, /has version 9, not \d+; start the version of Hawser that wrote it/)
      assert.deepEqual(readdirSync(folder.path), ['VERSION'])
    })

    it('that is a file', async () => {
      await using folder = await temporaryFolder()
      const path = join(folder.path, 'file')
      writeFileSync(path, '')
      oneLine(await runHawserProcess([...args, '--data-dir', path]), 5, /cannot be used/)
    })

    it('on a read-only disk', { skip }, async () => {
      await using disk = await mounted('ro')
      const ended = await runHawserProcess([...args, '--data-dir', join(disk.path, 'data')])
      oneLine(ended, 5, /cannot be used: .*(EROFS|read-only)/)
    })

    it('on a full disk', { skip }, async () => {
      await using disk = await mounted('size=64k')
      try {
        writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(65_536))
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
      }
      oneLine(await runHawserProcess([...args, '--data-dir', join(disk.path, 'data')]), 6, /no room/)
    })
  })
}
