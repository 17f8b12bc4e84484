import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { parsePasswords, systemHasher } from '@hawser/auth'
import { temporaryFolder } from '@hawser/std/testing'
import type { CommandIo } from '../command.ts'
import { runHawser } from '../main.ts'
import { capture } from '../testing/capture.ts'

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function passwd(args: readonly string[], input = ''): Promise<Ran> {
  const captured = capture()
  const stdin = new PassThrough()
  stdin.end(input)
  const code = await runHawser(['passwd', ...args], { ...captured.io, stdin })
  return { code, stdout: captured.stdout(), stderr: captured.stderr() }
}

async function isRight(path: string, user: string, password: string): Promise<boolean> {
  const stored = parsePasswords(path, await readFile(path, 'utf8')).users.get(user)
  return stored !== undefined && systemHasher.verify(stored, Buffer.from(password))
}

describe('hawser passwd', () => {
  it('makes a file, sets, changes, lists and removes users', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'passwords')
    assert.equal((await passwd([path, 'ann'], 'one\n')).code, 2)
    assert.equal((await passwd(['--create', path, 'ann'], 'one\n')).code, 0)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.equal(await isRight(path, 'ann', 'one'), true)
    assert.equal((await passwd([path, 'ann'], 'two\r\n')).code, 0)
    assert.equal(await isRight(path, 'ann', 'one'), false)
    assert.equal(await isRight(path, 'ann', 'two'), true)
    assert.equal((await passwd(['-b', path, 'bob', 'three'])).code, 0)
    assert.equal((await passwd(['--list', path])).stdout, 'ann\nbob\n')
    assert.equal((await passwd(['-D', path, 'ann'])).code, 0)
    assert.equal((await passwd(['--list', path])).stdout, 'bob\n')
    assert.equal((await passwd(['-D', path, 'ann'])).code, 2)
  })

  it('overwrites no file, and takes no password that others see unless it is said', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'passwords')
    await writeFile(path, '# mine\n')
    assert.match((await passwd(['--create', path, 'ann'], 'x')).stderr, /is there already/)
    const seen = await passwd([path, 'ann', 'secret'])
    assert.equal(seen.code, 2)
    assert.equal(seen.stderr.includes('secret'), false)
    assert.equal(await readFile(path, 'utf8'), '# mine\n')
  })

  it('sets many at once, or none, and for SCRAM where that is said', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'passwords')
    assert.equal((await passwd(['--create', '--import', '--scram', path], 'ann:a:b\nbob:c\n')).code, 0)
    assert.equal(await isRight(path, 'ann', 'a:b'), true)
    assert.match(await readFile(path, 'utf8'), /^ann:SCRAM-SHA-256\$100000:/)
    assert.equal((await passwd(['-b', '--scram', path, '\u2168', 'x'])).code, 0)
    assert.equal((await passwd(['-b', '--scram', path, 'eve', 'a\u0007\u00e4'])).code, 2)
    assert.equal((await passwd(['--list', path])).stdout, 'ann\nbob\nIX\n')
    assert.match((await passwd(['--import', path], 'eve:x\nnobody\n')).stderr, /line 2 on stdin/)
    assert.equal((await passwd(['--list', path])).stdout, 'ann\nbob\nIX\n')
  })

  it('refuses names that a line cannot hold, and empty passwords', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'passwords')
    for (const name of ['a:b', '#x', 'a\nb', '']) assert.equal((await passwd(['-c', path, name], 'x')).code, 2, name)
    assert.equal((await passwd(['-c', path, 'ann'], '\n')).code, 2)
  })

  it('asks twice on a terminal, shows nothing of it, and changes nothing where the two differ', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'passwords')
    const typed = async (...lines: readonly string[]): Promise<Ran> => {
      const captured = capture()
      const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
      const left = [...lines]
      const io: CommandIo = { ...captured.io, stdin }
      const running = runHawser(['passwd', '-c', path, 'ann'], io)
      while (left.length > 0) {
        await new Promise((resolve) => setImmediate(resolve))
        if (stdin.listenerCount('data') > 0) stdin.write(left.shift())
      }
      return { code: await running, stdout: captured.stdout(), stderr: captured.stderr() }
    }
    assert.match((await typed('one\r', 'two\r')).stderr, /the two passwords differ/)
    const good = await typed('onn\x7fe\r', 'one\r')
    assert.equal(good.code, 0, good.stderr)
    assert.equal(good.stderr, 'Password of ann: \nOnce more: \n')
    assert.equal(await isRight(path, 'ann', 'one'), true)
  })
})
