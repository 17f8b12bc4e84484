/** `hawser doctor` beside a `hawser up`, both as a user runs them: green, a part killed, a part frozen, green again. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { AdminClient, api } from '@hawser/admin'
import { temporaryFolder } from '@hawser/std/testing'
import { type RunningHawser, runHawserProcess, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'

interface Check {
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly figure: string
  readonly mend?: string
}

const names = [
  'console',
  ...['part:core', 'part:factory', 'part:sensors', 'broker:tcp', 'broker:websocket'],
  ...['device:machine', 'device:sine', 'device:temperature', 'device:humidity', 'processor', 'log'],
  ...['connector:postgres', 'connector:kpi-factory-v1', 'connector:logger', 'kpi', 'metrics', 'stop'],
]
/** Longer than the default: this machine is busy with other tests. A check that passes does not wait for it. */
const patience = ['--timeout', '30']

async function doctor(url: string, ...flags: string[]) {
  const { code, stdout, stderr } = await runHawserProcess(['doctor', '--url', url, '--json', ...flags])
  assert.equal(stderr, '')
  return { code, checks: (JSON.parse(stdout) as { readonly checks: readonly Check[] }).checks }
}

const consoleOf = async (hawser: RunningHawser): Promise<string> => (await hawser.prints(/http:\/\/[\d.]+:\d+/))[0]

async function pidOf(url: string, name: string): Promise<number> {
  const { parts } = await new AdminClient({ baseUrl: url }).call(api.snapshot)
  return parts.find((part) => part.name === name)?.pid ?? assert.fail(`${name} has no process`)
}

const failures = (checks: readonly Check[]): readonly string[] =>
  checks.filter(({ status }) => status === 'failed').map(({ name, figure }) => `${name} ${figure}`)

describe('hawser doctor beside hawser up', { timeout: 180_000 }, () => {
  it('is green, names the part that was killed or hangs, and is green again', async () => {
    await using folder = await temporaryFolder()
    const anyPorts = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
    await using hawser = startHawser(['up', ...anyPorts, '--data-dir', join(folder.path, 'data')])
    const url = await consoleOf(hawser)

    const well = await doctor(url, ...patience, '--stop-check', 'obedient')
    assert.deepEqual(failures(well.checks), [])
    assert.deepEqual(
      well.checks.map(({ name, status }) => [name, status]),
      names.map((name) => [name, 'passed']),
    )
    assert.equal(well.code, 0)

    process.kill(await pidOf(url, 'factory'), 'SIGKILL')
    await hawser.prints(/factory: ended \(signal SIGKILL\)/)
    const killed = await doctor(url, ...patience)
    assert.equal(killed.code, 1)
    assert.ok(failures(killed.checks).some((line) => line.startsWith('part:factory ended (signal SIGKILL)')))

    const sensors = await pidOf(url, 'sensors')
    process.kill(sensors, 'SIGSTOP')
    const frozen = await doctor(url, '--timeout', '7')
    process.kill(sensors, 'SIGCONT')
    assert.equal(frozen.code, 1)
    const silent = failures(frozen.checks).map((line) => line.split(' ')[0])
    assert.ok(
      ['device:sine', 'device:temperature', 'processor'].every((name) => silent.includes(name)),
      `${silent}`,
    )

    const core = await pidOf(url, 'core')
    process.kill(core, 'SIGKILL')
    const without = await doctor(url, ...patience)
    assert.equal(without.code, 1)
    assert.match(failures(without.checks).join('\n'), /^part:core ended \(signal SIGKILL\)/m)

    // The test's own time limit ends what never gets well.
    let later = await doctor(url, ...patience)
    while (later.code !== 0) later = await doctor(url, ...patience)
    assert.deepEqual(failures(later.checks), [])

    hawser.kill('SIGINT')
    assert.equal((await hawser.ended).code, 0)
  })
})
