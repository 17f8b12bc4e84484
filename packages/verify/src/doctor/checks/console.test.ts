import assert from 'node:assert/strict'
import { it } from 'node:test'
import { findingsOf, linesOf } from '../testing/check-context.ts'
import { FakeConsole } from '../testing/fake-console.ts'
import { consoleCheck } from './console.ts'

it('a console that says all is well passes', async () => {
  const [finding] = await findingsOf(consoleCheck)
  assert.equal(finding?.status, 'passed')
  assert.match(finding.figure, /^http:\/\/127\.0\.0\.1:8080 healthy, answers in \d+ ms$/)
})

it('a console that says no passes on what is ill', async () => {
  const console = new FakeConsole()
  const ill = { part: 'connector:postgres', ok: false, detail: 'retrying, 9 behind' }
  console.healthNow = { ok: false, checks: [{ part: 'broker', ok: true, detail: 'running' }, ill] }
  assert.deepEqual(linesOf(await findingsOf(consoleCheck, { console })), [
    'console failed: /health says no: connector:postgres (retrying, 9 behind)',
  ])
})
