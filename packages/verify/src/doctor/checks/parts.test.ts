import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Part } from '@hawser/admin'
import { findingsOf, linesOf } from '../testing/check-context.ts'
import { FakeConsole } from '../testing/fake-console.ts'
import { partsCheck } from './parts.ts'

async function withSensors(change: Partial<Part>, secondsAgo = 100): Promise<string | undefined> {
  const console = new FakeConsole()
  const { snapshotNow } = console
  const sensors = snapshotNow.parts.find(({ name }) => name === 'sensors')
  assert.ok(sensors)
  Object.assign(sensors, change, { sinceMs: snapshotNow.atMs - secondsAgo * 1000 })
  return linesOf(await findingsOf(partsCheck, { console })).find((line) => line.startsWith('part:sensors'))
}

describe('parts check', () => {
  it('passes what runs, part by part', async () => {
    assert.deepEqual(linesOf(await findingsOf(partsCheck)), [
      'part:core passed: running for 100 s, pid 42',
      'part:factory passed: running for 100 s, pid 42',
      'part:sensors passed: running for 100 s, pid 42',
    ])
  })

  it('names a part that was killed although it runs again, for 15 seconds', async () => {
    const again = { restarts: 1, lastExit: 'signal SIGKILL' }
    assert.equal(
      await withSensors(again, 15),
      'part:sensors failed: ended (signal SIGKILL) and was started again 15 s ago',
    )
    assert.equal(await withSensors(again, 16), 'part:sensors passed: running for 16 s, pid 42, 1 restart')
  })

  it('passes a first start that is under way or just over', async () => {
    assert.match((await withSensors({}, 1)) ?? '', /passed: running for 1 s/)
    assert.match((await withSensors({ state: 'starting', pid: null }, 1)) ?? '', /passed: starting for 1 s/)
  })

  it('names what does not run, and why', async () => {
    const ended = { restarts: 2, lastExit: 'exit code 1', pid: null }
    const states = ['starting', 'backoff', 'stopped', 'failed'] as const
    assert.deepEqual(await Promise.all(states.map((state) => withSensors({ ...ended, state }, 3))), [
      'part:sensors failed: ended (exit code 1) and is being started again',
      'part:sensors failed: ended (exit code 1) 3 s ago and waits to be started again',
      'part:sensors failed: ended by itself (exit code 1) 3 s ago',
      'part:sensors failed: failed (exit code 1)',
    ])
  })

  it('does not take a list without parts for a good one', async () => {
    const console = new FakeConsole()
    console.snapshotNow.parts = []
    assert.deepEqual(linesOf(await findingsOf(partsCheck, { console })), ['parts failed: none is known'])
  })
})
