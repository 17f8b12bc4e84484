/** Started by a Node that is too old: said to be so by a preloaded module, since only a new one runs the tests. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@hawser/std/testing'

const launcher = fileURLToPath(new URL('../bin/hawser.mjs', import.meta.url))
const pretend =
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.1' }, configurable: true })"
const oldNode = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`]

describe('launcher', () => {
  it('runs the rest on the node that npm brought', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...oldNode, launcher, 'config', 'nonsense'], {
      encoding: 'utf8',
    })
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' })
    assert.match(stderr, /^hawser: hawser config nonsense is not known; /)
  })

  it('passes on a signal, and the exit code', async () => {
    const args = [...oldNode, launcher, 'broker', '--port', '0', '--ws-port', '0', '--durability', 'memory']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(createInterface({ input: child.stdout }), 'line')
    child.kill('SIGINT')
    assert.deepEqual(await once(child, 'close'), [0, null])
  })

  it('takes what it started along when it is killed', async () => {
    const args = [...oldNode, launcher, 'broker', '--port', '0', '--ws-port', '0', '--durability', 'memory']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(createInterface({ input: child.stdout }), 'line')
    child.kill('SIGKILL')
    // The pipe closes when the last process that holds it is gone.
    await once(child, 'close')
  })

  it('says what to do where there is none', async () => {
    await using folder = await temporaryFolder()
    const bin = join(folder.path, 'bin')
    mkdirSync(bin)
    const alone = join(bin, 'hawser.mjs')
    copyFileSync(launcher, alone)
    const { status, stderr } = spawnSync(process.execPath, [...oldNode, alone], { encoding: 'utf8' })
    assert.equal(status, 1)
    assert.match(stderr, /^hawser: needs Node 24 or newer and this is 20\.11\.1; [^\n]*npm ci[^\n]*\n$/)
  })
})
