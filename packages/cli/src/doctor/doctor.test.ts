import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import type { Finding } from '@hawser/verify'
import { runHawser } from '../main.ts'
import { capture } from '../testing/capture.ts'
import { findingLine, report, summaryLine } from './render.ts'

const good: Finding = { name: 'log', what: 'log committing', status: 'passed', figure: '5 records' }
const bad: Finding = {
  name: 'part:core',
  what: 'part core',
  status: 'failed',
  figure: 'ended',
  mend: 'see the log file',
}
const unseen: Finding = { name: 'kpi', what: 'KPI rows', status: 'skipped', figure: 'no machines' }

describe('what the doctor prints', () => {
  it('is legible without colours and signs', () => {
    assert.deepEqual(
      [good, bad, unseen].map((finding) => findingLine(finding, false)),
      [
        'ok   log committing           5 records',
        'FAIL part core                ended; see the log file',
        'skip KPI rows                 no machines',
      ],
    )
  })

  it('has a sign in colour on a terminal', () => {
    assert.equal(findingLine(good, true), '\u001b[32m✓\u001b[39m log committing           5 records')
    assert.equal(findingLine(bad, true), '\u001b[31m✗\u001b[39m part core                ended; see the log file')
  })

  it('counts, and is well only without a failure', () => {
    const well = report([good, unseen], 'http://a', 1234)
    assert.equal(well.ok, true)
    assert.equal(summaryLine(well), 'All is well at http://a: 1 ok, 0 failed, 1 skipped, 1.2 s')
    const ill = report([good, bad], 'http://a', 1234)
    assert.equal(ill.ok, false)
    assert.equal(summaryLine(ill), 'Not all is well at http://a: 1 ok, 1 failed, 1.2 s')
  })
})

/** A port of loopback that nobody listens on. */
const nobody = ['--url', 'http://127.0.0.1:1', '--mqtt-url', '127.0.0.1:1', '--timeout', '0.4']
const env = { HAWSER_LISTENERS_WS_PORT: '1' }

describe('hawser doctor', () => {
  it('says no where nothing runs, with exit code 1 and what to do', async () => {
    const { io, stdout } = capture(env)
    assert.equal(await runHawser(['doctor', ...nobody], io), 1)
    const [first, ...others] = stdout().split('\n')
    assert.equal(
      first,
      'FAIL console and REST         no console answers at http://127.0.0.1:1; its process is the part core; start it with hawser up',
    )
    assert.match(others.join('\n'), /FAIL MQTT over TCP .*nothing listens there[\s\S]*FAIL MQTT over WebSocket/)
    assert.doesNotMatch(stdout(), /^ok/m)
  })

  it('says the same as JSON', async () => {
    const { io, stdout } = capture(env)
    assert.equal(await runHawser(['doctor', ...nobody, '--json'], io), 1)
    const { ok, url, passed, failed, checks } = JSON.parse(stdout())
    assert.deepEqual({ ok, url, passed, failed }, { ok: false, url: 'http://127.0.0.1:1', passed: 0, failed: 3 })
    assert.equal(checks[0].name, 'console')
    assert.equal(checks[0].mend, 'start it with hawser up')
  })

  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [['--url', 'localhost:8080'], /is no address of a console/],
    [['--url', 'http://localhost', '--http-port', '1'], /two names for one place/],
    [['--mqtt-url', 'http://localhost'], /is no address of a broker/],
    [['--timeout', 'soon'], /--timeout soon is no time/],
    [['--scale', 'sine'], /--scale sine says not how many/],
    [['--stop-check', 'a/b'], /is no id/],
    [['--jsn'], /did you mean --json/],
    [['now'], /unexpected argument "now"/],
  ]
  for (const [args, complaint] of mistakes) {
    it(`takes ${args.join(' ')} for a mistake, with exit code 2`, async () => {
      const { io, stdout, stderr } = capture()
      assert.equal(await runHawser(['doctor', ...args], io), 2)
      assert.match(stderr(), complaint)
      assert.equal(stdout(), '')
    })
  }

  it('names a data folder without a token', async () => {
    await using folder = await temporaryFolder()
    const { io, stderr } = capture()
    assert.equal(await runHawser(['doctor', '--data-dir', join(folder.path, 'none')], io), 5)
    assert.match(stderr(), /no token can be read in .*none; give the data folder/)
  })
})
