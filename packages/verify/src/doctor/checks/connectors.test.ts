import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectorSnapshot } from '@hawser/admin'
import { findingsOf, linesOf, type World } from '../testing/check-context.ts'
import { FakeConsole } from '../testing/fake-console.ts'
import { connectorsCheck } from './connectors.ts'

/** All connectors write 7 records a look, the logger as many as said. */
async function linesWith(change: Partial<ConnectorSnapshot>, writes = 7, more: World = {}): Promise<readonly string[]> {
  const console = new FakeConsole()
  const { connectors } = console.snapshotNow
  const changed = connectors.find(({ name }) => name === 'logger') ?? assert.fail()
  Object.assign(changed, change)
  console.onLook = () => {
    for (const connector of connectors) connector.written += connector === changed ? writes : 7
  }
  return linesOf(await findingsOf(connectorsCheck, { console, ...more }))
}

const logger = async (...args: Parameters<typeof linesWith>) => (await linesWith(...args)).at(-1)

describe('connectors check', () => {
  it('passes when each runs, is close, and writes', async () => {
    assert.deepEqual(await linesWith({}), [
      'connector:postgres passed: 7 written while looking, 0 behind, /data/postgres',
      'connector:kpi-factory-v1 passed: 7 written while looking, 0 behind, /data/kpi-factory-v1',
      'connector:logger passed: 7 written while looking, 0 behind, /data/logger',
    ])
  })

  it('names one that does not run, with its error', async () => {
    const lastError = { message: 'connection refused', atMs: 0 }
    const states = ['starting', 'retrying', 'failed', 'stopped'] as const
    for (const state of states) {
      assert.equal(
        await logger({ state, lastError }),
        `connector:logger failed: ${state}, 0 behind: connection refused`,
      )
    }
    assert.equal(await logger({ state: 'paused' }), 'connector:logger failed: paused, 0 behind')
  })

  it('fails when one is far behind, in messages or in time', async () => {
    const far = { messages: 10_001, bytes: null, seconds: 1, share: 0 }
    assert.equal(await logger({ lag: far }), 'connector:logger failed: 10001 behind, 1 s')
    const late = { messages: 3, bytes: null, share: 0, seconds: 6 }
    assert.equal(await logger({ lag: late }), 'connector:logger failed: 3 behind, 6 s')
  })

  it('fails when one stands still, also one that says it has nothing to write', async () => {
    const lag = { messages: 3, bytes: null, share: 0, seconds: 1 }
    assert.equal(await logger({ lag }, 0), 'connector:logger failed: stands still, 3 behind')
    assert.equal(await logger({}, 0), 'connector:logger failed: has written nothing new, 0 behind')
  })

  it('passes one that nothing is published for', async () => {
    const still = 'connector:logger passed: nothing new to write, 0 behind'
    assert.equal(await logger({}, 0, { scenarios: [] }), still)
    const kpi = { name: 'kpi-plant-v1' }
    assert.match((await logger(kpi, 0, { scenarios: ['sensors'] })) ?? '', /nothing new to write/)
  })

  it('says so where none is configured', async () => {
    const console = new FakeConsole()
    console.snapshotNow.connectors = []
    assert.deepEqual(linesOf(await findingsOf(connectorsCheck, { console })), [
      'connectors skipped: none is configured',
    ])
  })
})
