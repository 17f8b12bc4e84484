/** `hawser up --workers 2` under load, with its workers killed: each is replaced, and nothing acknowledged is lost. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Part, Snapshot } from '@hawser/admin'
import { milliseconds, seededRandom, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { openLedger } from './ledger.ts'
import { until } from './two-workers.ts'

const upMsMax = 500
const killsEach = 2

it('hawser up --workers 2: the core and the other worker are killed under load, and replaced', {
  timeout: 240_000,
}, async (test) => {
  await using folder = await temporaryFolder()
  const ports = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
  await using up = startHawser(['up', ...ports, '--workers', '2', '--scenario', 'none', '--data-dir', folder.path])
  const [, mqtt, http = ''] = await up.prints(/MQTT .*?:(\d+)[\s\S]*(http:\/\/[\d.]+:\d+)/)
  const running = async (): Promise<readonly Part[]> => {
    const answer = await fetch(`${http}/api/v1/snapshot`).catch(() => undefined)
    if (answer?.ok !== true) return []
    return ((await answer.json()) as Snapshot).parts.filter(({ state }) => state === 'running')
  }
  const pidOf = async (name: string): Promise<number | undefined> =>
    (await running()).find((part) => part.name === name)?.pid ?? undefined
  await until('both are running', async () => (await running()).length === 2)
  await using ledger = await openLedger([Number(mqtt)])
  const random = seededRandom(1)
  for (let kill = 0; kill < killsEach * 2; kill++) {
    await sleep(systemClock, milliseconds(random.integer(upMsMax)))
    ledger.unsettle(random)
    const name = kill % 2 === 0 ? 'worker-1' : 'core'
    const pid = (await pidOf(name)) ?? assert.fail(`${name} is not running`)
    process.kill(pid, 'SIGKILL')
    await until(`another ${name} is running`, async () => ![pid, undefined].includes(await pidOf(name)))
  }
  const { acknowledged } = await ledger.close()
  up.kill('SIGTERM')
  assert.equal((await up.ended).code, 0)
  test.diagnostic(`${killsEach * 2} kills, ${acknowledged} messages acknowledged`)
  assert.ok(acknowledged > 0, 'there was load')
})
