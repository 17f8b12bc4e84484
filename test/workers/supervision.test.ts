/** The processes of `hawser broker --workers 2`: replaced when they die or freeze, told together, ended together. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt from 'mqtt'
import { runHawserProcess } from '../../packages/cli/src/testing/running-hawser.ts'
import { startHawser } from '../support/hawser-process.ts'
import { isAlive, type TwoWorkers, twoWorkers, until } from './two-workers.ts'

/** Both answer. */
async function areReady({ http }: TwoWorkers): Promise<boolean> {
  const answer = await fetch(`${http}/brokers`).catch(() => undefined)
  if (answer?.status !== 200) return false
  const { brokers } = (await answer.json()) as { brokers: unknown[] }
  return brokers.length === 2
}

/** By a client of its own, which tries until it is let in: it may have come to a process that was just killed. */
async function publishes({ port }: TwoWorkers): Promise<void> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 20 })
  client.on('error', () => undefined)
  await client.publishAsync('still', 'served', { qos: 1 })
  await client.endAsync(true)
}

describe('hawser broker --workers 2', () => {
  it('says in one line that all take clients, shows them all, and ends with 0', async () => {
    await using folder = await temporaryFolder()
    await using two = await twoWorkers(folder.path)
    const workers = two.workers()
    assert.equal(workers.length, 2)
    await two.connect(20)
    const { brokers } = (await (await fetch(`${two.http}/brokers`)).json()) as {
      brokers: { connections: { now: number } }[]
    }
    assert.equal(brokers.length, 2)
    assert.equal(
      brokers.reduce((sum, { connections }) => sum + connections.now, 0),
      20,
    )
    const { total } = (await (await fetch(`${two.http}/clients`)).json()) as { total: number }
    assert.equal(total, 20)
    assert.match(
      await (await fetch(`${two.http}/metrics`)).text(),
      /^hawser_broker_connections\{worker="lane-1"\} \d+$/m,
    )
    const askedMs = systemClock.monotonicMs()
    two.hawser.kill('SIGTERM')
    const { code, stdout, stderr } = await two.hawser.ended
    assert.equal(code, 0, stderr)
    assert.ok(systemClock.monotonicMs() - askedMs < 5_000)
    assert.equal(stdout.trimEnd().split('\n').length, 1)
    assert.ok(!workers.some(isAlive))
  })

  it('tells all to reload at a SIGHUP', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, 'limits: { topic_levels_max: 60 }\n')
    await using two = await twoWorkers(join(folder.path, 'data'), ['--config', file])
    await writeFile(file, 'limits: { topic_levels_max: 61 }\n')
    two.hawser.kill('SIGHUP')
    for (const name of ['worker-0', 'worker-1']) {
      await two.hawser.prints(new RegExp(`${name}: configuration reloaded: limits.topic_levels_max`))
    }
  })

  it('replaces one that is killed, and serves clients meanwhile', async (test) => {
    await using folder = await temporaryFolder()
    await using two = await twoWorkers(folder.path)
    const clients = await two.connect(10)
    // Also the one that serves HTTP.
    for (const at of [1, 0]) {
      const [first = 0, second = 0] = two.workers()
      const victim = at === 0 ? first : second
      const killedMs = systemClock.monotonicMs()
      process.kill(victim, 'SIGKILL')
      await publishes(two)
      await until('another is ready', async () => two.workers().length === 2 && (await areReady(two)))
      test.diagnostic(`replaced after ${Math.round(systemClock.monotonicMs() - killedMs)} ms`)
    }
    await until('all clients are back', () => clients.every(({ connected }) => connected))
  })

  it('replaces one that is frozen, within 12 s', async (test) => {
    await using folder = await temporaryFolder()
    await using two = await twoWorkers(folder.path)
    const [, frozen = 0] = two.workers()
    const frozenMs = systemClock.monotonicMs()
    process.kill(frozen, 'SIGSTOP')
    await until('it is dead', () => !isAlive(frozen) || !two.workers().includes(frozen), 15_000)
    test.diagnostic(`killed after ${Math.round(systemClock.monotonicMs() - frozenMs)} ms`)
    await until('another is ready', async () => two.workers().length === 2 && (await areReady(two)))
    await publishes(two)
  })

  it('comes back when all are killed at once, with what was acknowledged', async () => {
    await using folder = await temporaryFolder()
    await using two = await twoWorkers(folder.path)
    const [client] = await two.connect(1)
    await client?.publishAsync('kept', 'yes', { qos: 1, retain: true })
    const killed = two.workers()
    for (const pid of killed) process.kill(pid, 'SIGKILL')
    await until('others are ready', async () => {
      const now = two.workers()
      return now.length === 2 && !now.some((pid) => killed.includes(pid)) && (await areReady(two))
    })
    const [reader] = await two.connect(1)
    assert.ok(reader)
    const message = new Promise<Buffer>((resolve) => reader.once('message', (_topic, payload) => resolve(payload)))
    await reader.subscribeAsync('kept')
    assert.equal(`${await message}`, 'yes')
  })

  it('takes its workers along when it is killed', async () => {
    await using folder = await temporaryFolder()
    await using two = await twoWorkers(folder.path)
    const workers = two.workers()
    two.hawser.kill('SIGKILL')
    await two.hawser.ended
    await until('all are gone', () => !workers.some(isAlive))
  })

  it('refuses in one line a port in use, a folder of one that is alone, and a log in memory', async () => {
    await using folder = await temporaryFolder()
    const args = ['broker', '--workers', '2', '--ws-port', '0', '--data-dir', folder.path]
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const taken = await runHawserProcess([...args, '--port', `${port}`])
    assert.deepEqual([taken.code, taken.stderr.trimEnd().split('\n').length], [4, 1])
    server.close()
    await using alone = await startHawser({ dataDir: folder.path })
    for (const refused of [args, ['node', ...args.slice(3)]]) {
      const { code, stderr } = await runHawserProcess([...refused, '--port', '0'])
      assert.equal(code, 5)
      assert.match(stderr, new RegExp(`in use by the Hawser with pid ${alone.pid}; [^\n]+\n$`))
    }
    const memory = await runHawserProcess([...args, '--port', '0', '--durability', 'memory'])
    assert.equal(memory.code, 3)
  })
})
