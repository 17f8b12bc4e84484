import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@hawser/std/testing'
import { startTicksOf } from '../lock/process-identity.ts'
import { startMember } from './testing/processes.ts'

const holderPath = fileURLToPath(new URL('./testing/lock-holder.ts', import.meta.url))
const turningMs = 3000
const silentMs = 500

it('an owner that stops with the lock of the state, while another opens it, is ended', {
  skip: startTicksOf(process.pid) === undefined ? 'this platform has no /proc' : false,
  timeout: 30_000,
}, async (test) => {
  await using folder = await temporaryFolder()
  const holder = spawn(process.execPath, [holderPath, folder.path, `${turningMs}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(holder, 'exit')
  // With its lock goes what a member that nobody helps waits for.
  test.signal.addEventListener('abort', () => holder.kill('SIGKILL'))
  try {
    const [said] = await once(holder.stdout, 'data')
    assert.equal(String(said), 'holding\n')
    await using member = await startMember(folder.path, 1, 'idle', silentMs)
    assert.deepEqual(await exit, [null, 'SIGKILL'])
    await member.writeRow('a')
  } finally {
    holder.kill('SIGKILL')
  }
})
