import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LogSnapshot } from '@hawser/admin'
import { findingsOf, linesOf } from '../testing/check-context.ts'
import { FakeConsole } from '../testing/fake-console.ts'
import { logCheck } from './log.ts'

async function lineWith(change: Partial<LogSnapshot>, commits: number, appends = commits): Promise<string | undefined> {
  const console = new FakeConsole()
  const { log } = console.snapshotNow
  Object.assign(log, change)
  console.onLook = () => {
    log.records.appended += appends
    log.records.committed += commits
  }
  return linesOf(await findingsOf(logCheck, { console }))[0]
}

describe('log check', () => {
  it('passes when records are committed', async () => {
    assert.equal(await lineWith({}, 5), 'log passed: 5 records committed while looking, class disk, /data/log')
  })

  it('fails when nothing is committed, and says what waits', async () => {
    assert.match((await lineWith({}, 0)) ?? '', /failed: open, but nothing was committed; 0 records wait/)
    assert.match((await lineWith({}, 0, 2)) ?? '', /failed: .* [1-9]\d* records wait/)
  })

  it('fails with the log’s own reason when it is full or broken', async () => {
    for (const kind of ['full', 'failed'] as const) {
      assert.equal(await lineWith({ status: { kind, reason: 'no space left' } }, 5), 'log failed: no space left')
    }
  })
})
