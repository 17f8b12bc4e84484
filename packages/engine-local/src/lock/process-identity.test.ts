import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { activityOf, killProcess, startTicksOf, thisProcess } from './process-identity.ts'

const hasProc = startTicksOf(process.pid) !== undefined

describe('identity of a process', { skip: hasProc ? false : 'this platform has no /proc' }, () => {
  it('is ended only where pid, start and host are its own', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'inherit'] })
    await once(child, 'spawn')
    const exit = once(child, 'exit')
    const pid = child.pid ?? 0
    const startTicks = startTicksOf(pid) ?? null
    const identity = { ...thisProcess(), pid, startTicks }
    assert.ok(startTicks !== null && startTicks >= (thisProcess().startTicks ?? 0))
    assert.equal(killProcess({ ...identity, startTicks: startTicks - 1 }).kind, 'gone')
    assert.equal(killProcess({ ...identity, startTicks: null }).kind, 'refused')
    assert.equal(killProcess({ ...identity, host: 'elsewhere' }).kind, 'refused')
    assert.equal(child.exitCode ?? child.signalCode, null)
    assert.equal(killProcess(identity).kind, 'killed')
    assert.deepEqual(await exit, [null, 'SIGKILL'])
    assert.equal(killProcess(identity).kind, 'gone')
  })

  it('its activity shows whether it works, and nothing of another process', () => {
    const self = thisProcess()
    const before = activityOf(self)?.usedTicks ?? assert.fail()
    while ((activityOf(self)?.usedTicks ?? 0) === before);
    assert.equal(activityOf(self)?.isAtWork, true)
    assert.equal(activityOf({ ...self, startTicks: (self.startTicks ?? 0) - 1 }), undefined)
    assert.equal(activityOf({ ...self, host: 'elsewhere' }), undefined)
  })

  it('this process does not end itself', () => {
    assert.equal(killProcess(thisProcess()).kind, 'refused')
  })
})
