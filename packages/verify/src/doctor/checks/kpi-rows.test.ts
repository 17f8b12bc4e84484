import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findingsOf, linesOf, type World } from '../testing/check-context.ts'
import { FakeConsole, kpiWindow } from '../testing/fake-console.ts'
import { kpiRowsCheck } from './kpi-rows.ts'

async function lineIn(change: (console: FakeConsole) => void, more: World = {}): Promise<string | undefined> {
  const console = new FakeConsole()
  change(console)
  return linesOf(await findingsOf(kpiRowsCheck, { console, ...more }))[0]
}

describe('KPI rows check', () => {
  it('passes with a row of the open window', async () => {
    assert.equal(await lineIn(() => {}), 'kpi passed: 1 windows of 1 machines looked at, up to now')
  })

  it('waits for the first rows of a new start', async () => {
    const line = await lineIn((console) => {
      const { windows } = console
      console.windows = []
      console.onLook = (looks) => {
        if (looks === 3) console.windows = windows
      }
    })
    assert.match(line ?? '', /passed/)
  })

  it('fails without rows, and with rows of yesterday alone', async () => {
    const figure = 'kpi failed: none of the last minutes for MACHINE_001'
    const atMs = new FakeConsole().snapshotNow.atMs
    assert.equal(await lineIn((console) => Object.assign(console, { windows: [] })), figure)
    assert.equal(await lineIn((console) => Object.assign(console, { windows: [kpiWindow(atMs - 86_400_000)] })), figure)
  })

  it('fails when no machine is known', async () => {
    const figure = 'kpi failed: no machine is known'
    assert.equal(await lineIn(({ snapshotNow }) => Object.assign(snapshotNow, { machines: [] })), figure)
  })

  it('skips where no machines are simulated', async () => {
    assert.match((await lineIn(() => {}, { scenarios: ['sensors'] })) ?? '', /skipped/)
    assert.match((await lineIn(() => {}, { scale: { machine: 0 } })) ?? '', /skipped/)
  })
})
