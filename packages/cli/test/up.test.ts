/** `hawser up` as a user runs it: real processes, real ports, a data folder of its own. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Snapshot } from '@hawser/admin'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { type RunningHawser, runHawserProcess, startHawser } from '../src/testing/running-hawser.ts'

const anyPorts = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']

const consoleOf = async (hawser: RunningHawser): Promise<string> => (await hawser.prints(/http:\/\/[\d.]+:\d+/))[0]

async function snapshotOf(url: string): Promise<Snapshot | undefined> {
  const answer = await fetch(`${url}/api/v1/snapshot`).catch(() => undefined)
  return answer?.ok ? ((await answer.json()) as Snapshot) : undefined
}

/** Asks until the snapshot is as it should be; the test's own time limit ends what never is. */
async function snapshotWhen(url: string, wanted: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  for (;;) {
    const snapshot = await snapshotOf(url)
    if (snapshot !== undefined && wanted(snapshot)) return snapshot
    await sleep(systemClock, milliseconds(100))
  }
}

const written = (snapshot: Snapshot): number =>
  snapshot.connectors.find(({ name }) => name === 'postgres')?.written ?? 0

describe('hawser up', { timeout: 120_000 }, () => {
  it('shows KPIs of this run, survives the death of a part, stops in 5 s, and goes on where it stopped', async () => {
    await using folder = await temporaryFolder()
    const dataDir = join(folder.path, 'data')
    const args = ['up', ...anyPorts, '--data-dir', dataDir, '--seed', '7']
    let recorded = 0
    {
      await using hawser = startHawser(args)
      const url = await consoleOf(hawser)
      await hawser.prints(/npx hawser pub -p \d+ -t hello -m world/)
      const shown = await snapshotWhen(
        url,
        ({ machines }) => machines.length === 5 && machines.every(({ current }) => current?.oee !== undefined),
      )
      assert.ok(
        shown.machines.every(({ current }) => current?.final === false && current.endMs - current.startMs === 60_000),
      )
      assert.deepEqual(
        shown.parts.map(({ name }) => name),
        ['core', 'factory', 'sensors'],
      )
      assert.equal(statSync(dataDir).mode & 0o777, 0o700)
      assert.equal(statSync(join(dataDir, 'token')).mode & 0o777, 0o600)

      const factory = shown.parts.find(({ name }) => name === 'factory')?.pid ?? assert.fail()
      process.kill(factory, 'SIGKILL')
      await hawser.prints(/warn {2}factory: ended \(signal SIGKILL\); starting it again in 0\.5 s/)
      await snapshotWhen(url, ({ parts }) =>
        parts.some(({ name, state, restarts }) => name === 'factory' && state === 'running' && restarts === 1),
      )
      recorded = (await snapshotWhen(url, (snapshot) => written(snapshot) > 0)).log.partitions[0]?.end ?? 0

      const askedMs = systemClock.monotonicMs()
      hawser.kill('SIGINT')
      const { code, stderr } = await hawser.ended
      assert.equal(code, 0, stderr)
      assert.ok(systemClock.monotonicMs() - askedMs < 5_000)
    }
    await using again = startHawser(args)
    const { log } = await snapshotWhen(await consoleOf(again), () => true)
    assert.ok((log.partitions[0]?.end ?? 0) >= recorded && recorded > 0)
    assert.equal(log.partitions[0]?.start, 0)
    again.kill('SIGINT')
    assert.equal((await again.ended).code, 0)
  })

  it('leaves nothing behind when it is killed', async () => {
    await using folder = await temporaryFolder()
    await using hawser = startHawser(['up', ...anyPorts, '--scenario', 'factory', '--data-dir', folder.path])
    const { parts } = await snapshotWhen(await consoleOf(hawser), (snapshot) =>
      snapshot.parts.every(({ pid }) => pid !== null),
    )
    hawser.kill('SIGKILL')
    // The output is closed when the last process that holds it is gone.
    await hawser.ended
    for (const { name, pid } of parts) await gone(pid ?? assert.fail(name))
  })

  it('brings its core back after SIGKILL, and says so', async () => {
    await using folder = await temporaryFolder()
    await using hawser = startHawser(['up', ...anyPorts, '--scenario', 'none', '--data-dir', folder.path])
    const url = await consoleOf(hawser)
    const { parts } = await snapshotWhen(url, (snapshot) => snapshot.parts.length === 1)
    process.kill(parts[0]?.pid ?? assert.fail(), 'SIGKILL')
    await hawser.prints(/warn {2}core: ended \(signal SIGKILL\)/)
    await snapshotWhen(url, (snapshot) => snapshot.parts[0]?.restarts === 1)
    hawser.kill('SIGTERM')
    assert.equal((await hawser.ended).code, 0)
  })

  it('shows all ports that are taken at once, with a command that works', async () => {
    const servers = [createServer().listen(0, '127.0.0.1'), createServer().listen(0, '127.0.0.1')]
    await Promise.all(servers.map((server) => once(server, 'listening')))
    const [mqttPort, httpPort] = servers.map((server) => (server.address() as AddressInfo).port)
    const args = ['up', '--mqtt-port', `${mqttPort}`, '--ws-port', '0', '--http-port', `${httpPort}`]
    const { code, stderr } = await runHawserProcess(args, { npm_lifecycle_event: 'start' })
    for (const server of servers) server.close()
    assert.equal(code, 4)
    assert.match(stderr, new RegExp(`^hawser: ports ${mqttPort} \\(MQTT\\), ${httpPort} \\(console\\) taken`))
    assert.match(stderr, /try: npm start -- .* --mqtt-port \d+ --http-port \d+\n$/)
  })

  it('names line and mend of a bad key', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, 'http:\n  prot: 8080\n')
    const { code, stdout, stderr } = await runHawserProcess(['up', '--config', file])
    assert.deepEqual({ code, stdout }, { code: 3, stdout: '' })
    assert.equal(stderr, `hawser: ${file}:2: unknown key "prot" in http; did you mean "port"?\n`)
  })

  it('refuses a data folder that a running Hawser owns, and leaves that one alone', async () => {
    await using folder = await temporaryFolder()
    const args = ['up', ...anyPorts, '--scenario', 'none', '--data-dir', folder.path]
    await using first = startHawser(args)
    const url = await consoleOf(first)
    const { code, stderr } = await runHawserProcess(args)
    assert.equal(code, 5)
    assert.match(stderr, /^hawser: data folder .* is in use by the Hawser with pid \d+; [^\n]+\n$/)
    await snapshotWhen(url, ({ broker }) => broker.state === 'running')
  })
})

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await sleep(systemClock, milliseconds(50))
  }
}
